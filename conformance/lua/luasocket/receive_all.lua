-- receive("*a").

local t, s = ...

t.case_for(s.ips, "everything up to the end, untouched", function(ip)
  local data = "one\r\ntwo\n\0\255\r"
  local c = s.given(data, ip)
  t.gives(data, nil, nil)(c:receive("*a"))
end)

t.case("a second time there is nothing", function()
  local c = s.given("abc")
  t.gives("abc", nil, nil)(c:receive("*a"))
  t.gives(nil, "closed", "")(c:receive("*a"))
  t.gives(nil, "closed", "")(c:receive("*a"))
end)

t.case("an empty stream is closed, not an empty string", function()
  t.gives(nil, "closed", "")(s.given(""):receive("*a"))
end)

t.case('only the first two characters of "*all" count', function()
  t.gives("abc", nil, nil)(s.given("abc"):receive("*all"))
  t.gives("abc", nil, nil)(s.given("abc"):receive("*ax"))
end)

t.case("the prefix goes in front", function()
  t.gives("abcdef", nil, nil)(s.given("def"):receive("*a", "abc"))
end)

t.case("a prefix alone is not data", function()
  t.gives(nil, "closed", "abc")(s.given(""):receive("*a", "abc"))
end)

t.case("a timeout hands out what came, and it is consumed", function()
  local c, peer = s.pair()
  peer:send("abc")
  s.await(c)
  c:settimeout(0)
  t.gives(nil, "timeout", "abc")(c:receive("*a"))
  t.gives(nil, "timeout", "")(c:receive("*a"))
  t.gives(nil, "timeout", "abc")(c:receive("*a", "abc"))
  peer:send("def")
  peer:close()
  c:settimeout(s.patience)
  t.gives("abcdef", nil, nil)(c:receive("*a", "abc"))
end)

t.case("the rest after a line and a count", function()
  local c = s.given("line\nxyzthe rest\nof it")
  t.gives("line", nil, nil)(c:receive())
  t.gives("xyz", nil, nil)(c:receive(3))
  t.gives("the rest\nof it", nil, nil)(c:receive("*a"))
end)

t.case("after a reset it says closed", function()
  local c, peer = s.pair()
  peer:setoption("linger", { on = true, timeout = 0 })
  peer:close()
  t.gives(nil, "closed", "")(c:receive("*a"))
  t.gives(nil, "closed", "")(c:receive("*l"))
  t.gives(nil, "closed", "")(c:receive(1))
end)

for _, size in ipairs({ 1, 8191, 8192, 8193, 16384, 65536, 200000 }) do
  t.case(size .. " bytes arrive whole", function()
    local data = s.noise(size)
    t.gives(data, nil, nil)(s.given(data):receive("*a"))
  end)
end

t.case('"a" is "*a"', function()
  t.gives("a\r\nb", nil, nil)(s.given("a\r\nb"):receive("a"))
  t.gives(nil, "closed", "")(s.given(""):receive("a"))
  t.gives("xab", nil, nil)(s.given("ab"):receive("a", "x"))
end)
