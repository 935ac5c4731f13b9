-- receive's fourth argument: how much one call may gather, prefix included.
-- Newer than the 3.1.0 release (upstream #463).

local t, s = ...

t.case("smaller results pass", function()
  local c = s.given("abcde\nfgh")
  t.gives("abcde", nil, nil)(c:receive("*l", "", 100))
  t.gives("fgh", nil, nil)(c:receive("*a", nil, 100))
end)

t.case("nil is no cap", function()
  local c = s.given(("x"):rep(20000) .. "\nrest")
  t.gives(("x"):rep(20000), nil, nil)(c:receive("*l", nil, nil))
  t.gives("rest", nil, nil)(c:receive("*a", "", nil))
end)

t.case("a long line is oversized, and nothing is lost", function()
  local line = s.noise(50000):gsub("[\r\n]", ".")
  local c = s.given(line .. "\nnext\n")
  local data, err, part = t.results(3, c:receive("*l", "", 1000))
  t.equal(data, nil)
  t.equal(err, "oversized")
  t.near(#part, 1, 1000)
  t.equal(part, line:sub(1, #part))
  t.gives(line, nil, nil)(c:receive("*l", part))
  t.gives("next", nil, nil)(c:receive())
end)

t.case("draining an oversized line piece by piece", function()
  local line = s.noise(10000):gsub("[\r\n]", ".")
  local c, got = s.given(line .. "\nnext\n"), {}
  while true do
    local data, err, part = t.results(3, c:receive("*l", "", 700))
    got[#got + 1] = data or part
    if data then break end
    t.equal(err, "oversized")
    t.ok(#got < 10000, "it never ends")
  end
  t.ok(#got >= 10000 / 700, "it came in " .. #got .. " pieces")
  t.equal(table.concat(got), line)
  t.gives("next", nil, nil)(c:receive())
end)

t.case("too much before the end is oversized, and nothing is lost", function()
  local data = s.noise(50000)
  local c = s.given(data)
  local whole, err, part = t.results(3, c:receive("*a", nil, 1000))
  t.equal(whole, nil)
  t.equal(err, "oversized")
  t.near(#part, 1, 1000)
  t.gives(data, nil, nil)(c:receive("*a", part))
end)

t.case("exactly as much as the cap and then the end is no error", function()
  t.gives("abcde", nil, nil)(s.given("abcde"):receive("*a", nil, 5))
end)

t.case("the prefix counts", function()
  local c = s.given(("x"):rep(90) .. "\n")
  local data, err, part = t.results(3, c:receive("*l", ("p"):rep(50), 100))
  t.equal(data, nil)
  t.equal(err, "oversized")
  t.near(#part, 50, 100)
  t.equal(part, ("p"):rep(50) .. ("x"):rep(#part - 50))
end)

t.case("a timeout's partial can be gone on with, also at the cap", function()
  local c, peer = s.pair()
  peer:send(("x"):rep(9))
  s.await(c)
  c:settimeout(0)
  t.gives(nil, "timeout", ("x"):rep(9))(c:receive("*l", "", 10))
  peer:send("y")
  s.await(c)
  local full = ("x"):rep(9) .. "y"
  t.gives(nil, "timeout", full)(c:receive("*l", ("x"):rep(9), 10))
  peer:send("\nz")
  s.await(c)
  t.gives(full, nil, nil)(c:receive("*l", full, 10))
  t.gives(nil, "oversized", full)(c:receive("*l", full, 10))
  t.gives("z", nil, nil)(c:receive(1))
end)

t.case("a count up to the cap", function()
  local c = s.given("abcdefgh")
  t.gives("abc", nil, nil)(c:receive(3, "", 10))
  t.gives("defgh", nil, nil)(c:receive(5, "", 5))
end)

t.case("caps that cannot be met raise before anything is read", function()
  local c = s.given("data\n")
  for _, call in ipairs({
    function() return c:receive("*l", "", 0) end,
    function() return c:receive("*l", "", -1) end,
    function() return c:receive("*l", "abcd", 3) end,
    function() return c:receive("*a", "abcd", 3) end,
    function() return c:receive(10, "", 5) end,
    function() return c:receive("*l", "", {}) end,
  }) do
    t.equal(type(t.raised(call)), "string")
  end
  t.gives("data", nil, nil)(c:receive())
end)
