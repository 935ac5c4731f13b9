-- send: ranges, results, arguments, and a peer that is gone.

local t, s = ...

t.case("explicit nils are defaults", function()
  local c, peer = s.pair()
  t.gives(5, nil, nil)(c:send("hello", nil, nil))
  t.gives(5, nil, nil)(c:send("hello", 2, nil))
  t.gives("helloello", nil, nil)(peer:receive(9))
end)

t.case_for(s.ips, "returns the last byte's index", function(ip)
  local c, peer = s.pair(ip)
  t.gives(5, nil, nil)(c:send("hello"))
  t.gives("hello", nil, nil)(peer:receive(5))
end)

local ranges = {
  -- arguments, result, what arrives
  { { "hello" }, 5, "hello" },
  { { "hello", 1 }, 5, "hello" },
  { { "hello", 2 }, 5, "ello" },
  { { "hello", 5 }, 5, "o" },
  { { "hello", 1, 3 }, 3, "hel" },
  { { "hello", 2, 3 }, 3, "el" },
  { { "hello", 3, 3 }, 3, "l" },
  { { "hello", -2 }, 5, "lo" },
  { { "hello", -4, -2 }, 4, "ell" },
  { { "hello", 0 }, 5, "hello" },
  { { "hello", 0, 2 }, 2, "he" },
  { { "hello", -100 }, 5, "hello" },
  { { "hello", -100, 2 }, 2, "he" },
  { { "hello", 1, 100 }, 5, "hello" },
  { { "hello", 4, 100 }, 5, "lo" },
  { { "hello", "2", "4" }, 4, "ell" },
  { { "hello", 2.9, 4.9 }, 4, "ell" },
  { { "hello", nil, 2 }, 2, "he" },
  { { "a\0b\r\n\255" }, 6, "a\0b\r\n\255" },
  { { 12345 }, 5, "12345" },
  { { 12345, 2, 3 }, 3, "23" },
}

for _, row in ipairs(ranges) do
  local shown = {}
  for i = 1, 3 do shown[i] = t.show(row[1][i]) end
  t.case("send(" .. table.concat(shown, ", ") .. ")", function()
    local c, peer = s.pair()
    t.gives(row[2], nil, nil)(c:send(row[1][1], row[1][2], row[1][3]))
    c:close()
    t.gives(row[3], nil, nil)(peer:receive("*a"))
  end)
end

local empty = {
  { { "" }, 0 }, { { "hello", 7 }, 6 }, { { "hello", 6 }, 5 }, { { "hello", 4, 2 }, 3 },
  { { "hello", 1, 0 }, 0 }, { { "hello", 1, -100 }, 0 }, { { "hello", 3, 1 }, 2 },
  { { "hello", -1, -2 }, 4 }, { { "hello", 1000 }, 999 }, { { "", 1, 0 }, 0 }, { { "", 5 }, 4 },
}

t.case("an empty range sends nothing and returns i-1", function()
  local c, peer = s.pair()
  for _, row in ipairs(empty) do
    t.gives(row[2], nil, nil)(c:send(row[1][1], row[1][2], row[1][3]))
  end
  c:close()
  t.gives(nil, "closed", "")(peer:receive("*a"))
end)

t.case("an empty range on a closed object is no error", function()
  local c, peer = s.pair()
  c:close()
  t.gives(0, nil, nil)(c:send(""))
  t.gives(4, nil, nil)(c:send("x", 5))
  peer:close()
end)

t.case("closed objects", function()
  local c, peer = s.pair()
  c:close()
  t.gives(nil, "closed", 0)(c:send("x"))
  t.gives(nil, "closed", 2)(c:send("hello", 3))
  t.gives(nil, "closed", 3)(c:send("hello", -2, -1))
  peer:close()
end)

t.case("data must be a string", function()
  local c = s.pair()
  for _, kind in ipairs({ { {}, "table" }, { true, "boolean" }, { print, "function" } }) do
    t.raises(function() local r = c:send(kind[1]) return r, 1 end,
      "bad argument #1 to 'send' (string expected, got " .. kind[2] .. ")")
  end
  t.raises(function() local r = c:send() return r, 1 end,
    "bad argument #1 to 'send' (string expected, got no value)")
  t.raises(function() local r = c:send(nil) return r, 1 end,
    "bad argument #1 to 'send' (string expected, got nil)")
end)

t.case("ranges must be numbers", function()
  local c, peer = s.pair()
  t.raises(function() local r = c:send("x", "y") return r, 1 end,
    "bad argument #2 to 'send' (number expected, got string)")
  t.raises(function() local r = c:send("x", 1, {}) return r, 1 end,
    "bad argument #3 to 'send' (number expected, got table)")
  c:close()
  t.gives(nil, "closed", "")(peer:receive("*a"))
end)

-- Sends until it fails; the first sends to a peer that is gone may succeed.
local function until_it_fails(c)
  for _ = 1, 200 do
    local last, err, partial = t.results(3, c:send("x"))
    if not last then return err, partial end
    s.socket.sleep(0.005)
  end
  t.fail("sending to a peer that is gone never fails")
end

t.case_for(s.ips, "a peer that closed", function(ip)
  local c, peer = s.pair(ip)
  peer:close()
  local err, partial = until_it_fails(c)
  t.equal(err, "closed")
  t.equal(partial, 0)
  t.gives(nil, "closed", 0)(c:send("again"))
  t.gives(nil, "closed", 2)(c:send("again", 3))
end)

t.case("a peer that was reset", function()
  local c, peer = s.pair()
  peer:setoption("linger", { on = true, timeout = 0 })
  peer:close()
  local err, partial = until_it_fails(c)
  t.equal(err, "closed")
  t.equal(partial, 0)
end)

t.case("a peer that goes while much is being sent", function()
  local c, peer = s.serve([[
    assert(c:receive(100000))
    c:setoption("linger", { on = true, timeout = 0 })
    c:close()
  ]])
  local last, err, partial = t.results(3, c:send(("x"):rep(30 * 1024 * 1024)))
  t.equal(last, nil)
  t.equal(err, "closed")
  t.near(partial, 100000, 30 * 1024 * 1024 - 1)
  t.equal(peer:finish(), "")
end)

t.case("many small sends keep their order", function()
  local c, peer = s.pair()
  for i = 1, 500 do c:send(i .. "\n") end
  for i = 1, 500 do t.gives(tostring(i), nil, nil)(peer:receive()) end
end)

t.case("both directions at once", function()
  local c, peer = s.pair()
  for i = 1, 100 do
    t.gives(2, nil, nil)(c:send("a\n"))
    t.gives(2, nil, nil)(peer:send("b\n"))
    if i % 10 == 0 then
      for _ = 1, 10 do
        t.gives("b", nil, nil)(c:receive())
        t.gives("a", nil, nil)(peer:receive())
      end
    end
  end
end)
