-- byte_span.

local t, s = ...
local new = s.byte_span.new
local span = s.span

t.case("new", function()
  local b = new(5)
  t.equal(#b, 5)
  t.equal(b.capacity, 5)
  t.equal(#new(0), 0)
  local c = new(3, 8)
  t.equal(#c, 3)
  t.equal(c.capacity, 8)
  t.equal(getmetatable(b), "byte_span")
  for _, bad in ipairs({ { -1 }, { 1.5 }, { "1" }, {}, { 5, 4 }, { 5, "x" }, { 0 / 0 }, { 1, 1 / 0 } }) do
    s.raises("generic.EINVAL", function() new(bad[1], bad[2]) end)
  end
  s.raises("generic.ENOMEM", function() new(2 ^ 52) end)
end)

t.case("bytes by number", function()
  local b = span("abc")
  t.equal(b[1], 97)
  t.equal(b[3], 99)
  b[2] = 0
  b[3] = 255
  t.equal(tostring(b), "a\0\255")
  for _, at in ipairs({ 0, 4, -1, 1.5 }) do
    s.raises("generic.ERANGE", function() return b[at] end)
    s.raises("generic.ERANGE", function() b[at] = 1 end)
  end
  for _, value in ipairs({ 256, -1, 2 ^ 60 }) do s.raises("generic.ERANGE", function() b[1] = value end) end
  for _, value in ipairs({ 1.5, "a", true }) do s.raises("generic.EINVAL", function() b[1] = value end) end
  s.raises("generic.EPERM", function() b.capacity = 1 end)
  s.raises("core.bad_index", function() return b.nothing end)
end)

t.case("slices share the memory", function()
  local b = span("0123456789")
  local c = b:slice(3, 5)
  t.equal(tostring(c), "234")
  t.equal(c.capacity, 8)
  c[1] = 65
  t.equal(tostring(b), "01A3456789")
  t.equal(tostring(c:slice(1, 8)), "A3456789")
  t.equal(tostring(b:slice()), tostring(b))
  t.equal(tostring(b:slice(9)), "89")
  t.equal(#b:slice(11), 0)
  t.equal(#b:slice(1, 0), 0)
  t.equal(#new(2, 6):slice(1, 6), 6)
  for _, bad in ipairs({ { 0 }, { 12 }, { 1, 11 }, { 5, 3 }, { -1, 3 } }) do
    s.raises("generic.ERANGE", function() b:slice(bad[1], bad[2]) end)
  end
  s.raises("generic.EINVAL", function() b:slice("1") end)
end)

t.case("copy", function()
  local b = new(5)
  t.equal(b:copy("abc"), 3)
  t.equal(b:copy(span("0123456789")), 5)
  t.equal(tostring(b), "01234")
  -- Overlapping, both ways, and itself.
  t.equal(b:slice(2):copy(b), 4)
  t.equal(tostring(b), "00123")
  t.equal(b:copy(b:slice(3)), 3)
  t.equal(tostring(b), "12323")
  t.equal(b:copy(b), 5)
  s.blames(2, function() b:copy(5) end)
end)

t.case("append", function()
  local b = new(2, 5)
  b:copy("ab")
  local c = b:append("cd", nil, span("e"))
  t.equal(tostring(c), "abcde")
  c[1] = 65
  t.equal(tostring(b), "Ab")
  local d = c:append("more")
  t.equal(tostring(d), "Abcdemore")
  d[1] = 66
  t.equal(tostring(c), "Abcde")
  t.equal(tostring(b:append(b)), "AbAb")
  t.equal(tostring(s.byte_span.append("x", nil, span("y"), "")), "xy")
  t.equal(#s.byte_span.append(), 0)
  s.blames(2, function() b:append(5) end)
  s.blames(3, function() b:append("x", {}) end)
  s.blames(2, function() s.byte_span.append("x", 5) end)
  s.blames(1, function() b.append("x") end)
end)

t.case("comparison and text", function()
  t.ok(span("abc") == span("abc"))
  t.ok(span("abc") ~= span("abd"))
  t.ok(span("abcd"):slice(1, 3) == span("abc"))
  t.ok(span("") == new(0))
  t.equal(tostring(span("a\0b")), "a\0b")
end)

t.case("starts_with, ends_with", function()
  local b = span("hello")
  t.equal(b:starts_with("he"), true)
  t.equal(b:starts_with(span("")), true)
  t.equal(b:starts_with("lo"), false)
  t.equal(b:ends_with("lo"), true)
  t.equal(b:ends_with(b), true)
  t.equal(b:ends_with("hello!"), false)
  s.raises("generic.EINVAL", function() b:starts_with(5) end)
end)

t.case("finding", function()
  local b = span("abcabc")
  for _, case in ipairs({
    { "find", "bc", nil, 2 }, { "find", "bc", 3, 5 }, { "find", "x", nil, nil }, { "find", span("c"), nil, 3 },
    { "rfind", "bc", nil, 5 }, { "rfind", "bc", 4, 2 }, { "rfind", "x", nil, nil },
    { "find_first_of", "cb", nil, 2 }, { "find_first_of", "cb", 4, 5 }, { "find_first_of", "x", nil, nil },
    { "find_last_of", "ab", nil, 5 }, { "find_last_of", "ab", 4, 4 }, { "find_last_of", "x", nil, nil },
    { "find_first_not_of", "ab", nil, 3 }, { "find_first_not_of", "abc", nil, nil },
    { "find_last_not_of", "bc", nil, 4 }, { "find_last_not_of", "abc", nil, nil },
  }) do
    local got = b[case[1]](b, case[2], case[3])
    t.equal(got, case[4], case[1] .. " " .. tostring(case[2]))
  end
  t.equal(new(0):find("x"), nil)
  t.equal(new(0):rfind("x"), nil)
  s.raises("generic.ERANGE", function() b:find("a", 9) end)
  s.raises("generic.ERANGE", function() b:find("a", 0) end)
  s.raises("generic.EINVAL", function() b:find(5) end)
  s.raises("generic.EINVAL", function() b:find("a", "1") end)
end)

t.case("finding: from behind the end on, and back from the beginning, is nothing", function()
  local b = span("abcabc")
  for _, name in ipairs({ "find", "find_first_of", "find_first_not_of" }) do
    t.equal(b[name](b, "bc", 7), nil)
    t.equal(b[name](b, "", 7), nil)
    t.equal(new(0)[name](new(0), "", 1), nil)
    s.raises("generic.ERANGE", function() b[name](b, "bc", 8) end)
    s.raises("generic.ERANGE", function() b[name](b, "bc", 0) end)
  end
  for _, name in ipairs({ "rfind", "find_last_of", "find_last_not_of" }) do
    t.equal(b[name](b, "bc", 0), nil)
    t.equal(b[name](b, "", 0), nil)
    t.equal(new(0)[name](new(0), ""), nil)
    s.raises("generic.ERANGE", function() b[name](b, "bc", 7) end)
    s.raises("generic.ERANGE", function() b[name](b, "bc", -1) end)
  end
end)

t.case("rfind: what it finds begins at the position or before", function()
  local b = span("abcabc")
  t.equal(b:rfind("bc", 5), 5)
  t.equal(b:rfind("abc", 4), 4)
  t.equal(b:rfind("abc", 3), 1)
  t.equal(b:rfind("cab", 2), nil)
  t.equal(b:rfind("", 3), 3)
  t.equal(b:rfind(""), 6)
  -- Bytes behind the span are none of its.
  t.equal(b:slice(1, 5):rfind("abc"), 1)
end)

t.case("trimmed: nothing that is left shares nothing", function()
  local b = span("   abc")
  local rest = b:slice(1, 3):trimmed()
  t.equal(rest.capacity, 0)
  t.equal(tostring(rest:append("xyz")), "xyz")
  t.equal(tostring(b), "   abc")
end)

t.case("trimmed", function()
  t.equal(tostring(span("  \t text \r\n"):trimmed()), "text")
  t.equal(tostring(span("xxaxx"):trimmed("x")), "a")
  t.equal(#span("   "):trimmed(), 0)
  t.equal(#new(0):trimmed(), 0)
  s.raises("generic.EINVAL", function() span("x"):trimmed(5) end)
end)

t.case("print shows the bytes", function()
  t.equal(t.peer([[print(require("emilua").byte_span.append("bytes"))]]):finish(), "bytes\n")
end)

t.case("spans outlive what they were cut from", function()
  local c
  do
    local b = span("0123456789")
    c = b:slice(2, 4)
  end
  t.collect()
  t.equal(tostring(c), "123")
end)
