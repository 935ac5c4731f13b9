-- Patterns and prefixes that are no good, and what they leave behind.

local t, s = ...

-- A client with data waiting that must still be there after a call that raised.
local function untouched(body)
  local c, peer = s.pair()
  peer:send("data\n")
  s.await(c)
  body(c)
  t.gives("data", nil, nil)(c:receive())
  peer:close()
end

t.case("unknown patterns raise", function()
  for _, pattern in ipairs({ "", "*", "*n", "*x", "*A", "x", " *l", "**l", "line", "all", "-", "1x" }) do
    untouched(function(c)
      t.raises(function() local r = c:receive(pattern) return r, 1 end,
        "bad argument #1 to 'receive' (invalid receive pattern)")
    end)
  end
end)

t.case("negative counts raise", function()
  for _, count in ipairs({ -1, -0.5, "-1", -1e300, -math.huge }) do
    untouched(function(c)
      t.raises(function() local r = c:receive(count) return r, 1 end,
        "bad argument #1 to 'receive' (invalid receive pattern)")
    end)
  end
end)

t.case("NaN raises", function()
  untouched(function(c)
    t.raises(function() local r = c:receive(0 / 0) return r, 1 end,
      "bad argument #1 to 'receive' (invalid receive pattern)")
  end)
end)

t.case("patterns of other types raise", function()
  for _, kind in ipairs({ { {}, "table" }, { true, "boolean" }, { print, "function" } }) do
    untouched(function(c)
      t.raises(function() local r = c:receive(kind[1]) return r, 1 end,
        "bad argument #1 to 'receive' (string expected, got " .. kind[2] .. ")")
    end)
  end
end)

t.case("a prefix must be a string", function()
  for _, kind in ipairs({ { {}, "table" }, { true, "boolean" }, { print, "function" } }) do
    untouched(function(c)
      t.raises(function() local r = c:receive("*l", kind[1]) return r, 1 end,
        "bad argument #2 to 'receive' (string expected, got " .. kind[2] .. ")")
      t.raises(function() local r = c:receive(3, kind[1]) return r, 1 end,
        "bad argument #2 to 'receive' (string expected, got " .. kind[2] .. ")")
    end)
  end
end)

t.case("a numeric prefix becomes text", function()
  local c = s.given("a\nbcd")
  t.gives("12a", nil, nil)(c:receive("*l", 12))
  t.gives("34b", nil, nil)(c:receive(3, "34"))
  t.gives("5c", nil, nil)(c:receive(2, 5))
end)

t.case("a nil prefix is none", function()
  local c = s.given("a\nbc")
  t.gives("a", nil, nil)(c:receive("*l", nil))
  t.gives("b", nil, nil)(c:receive(1, nil))
  t.gives("c", nil, nil)(c:receive("*a", nil))
end)

t.case("binary prefixes stay as they are", function()
  local prefix = s.noise(5000)
  local c = s.given("tail\n")
  t.gives(prefix .. "tail", nil, nil)(c:receive("*l", prefix))
end)

t.case("a prefix of a megabyte", function()
  local prefix = s.noise(1048576)
  t.gives(prefix .. "end", nil, nil)(s.given("end"):receive("*a", prefix))
  t.gives(prefix .. "end", nil, nil)(s.given("end\n"):receive("*l", prefix))
  t.gives(prefix .. "end", nil, nil)(s.given("end"):receive(#prefix + 3, prefix))
end)

t.case("receive on a closed object", function()
  local c, peer = s.pair()
  c:close()
  t.gives(nil, "closed", "")(c:receive())
  t.gives(nil, "closed", "")(c:receive(3))
  t.gives(nil, "closed", "")(c:receive("*a"))
  t.gives(nil, "closed", "pre")(c:receive("*l", "pre"))
  t.raises(function() local r = c:receive("*x") return r, 1 end,
    "bad argument #1 to 'receive' (invalid receive pattern)")
  peer:close()
end)

t.case('"*n" raises and leaves the stream alone', function()
  local c = s.given("x\n")
  t.raises(function() local r = c:receive("*n") return r, 1 end,
    "bad argument #1 to 'receive' (invalid receive pattern)")
  t.gives("x", nil, nil)(c:receive())
end)

t.case("an object in the place of something else is called by its class", function()
  local c = s.pair()
  local name = t.at_least("5.3") and "tcp{client}" or "userdata"
  t.raises(function() local r = c:send(c) return r, 1 end, "bad argument #1 to 'send' (string expected, got " .. name .. ")")
  t.raises(function() local r = c:settimeout(c) return r, 1 end,
    "bad argument #1 to 'settimeout' (number expected, got " .. name .. ")")
end)
