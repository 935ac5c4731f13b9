-- gettime and sleep.

local t, s = ...
local socket = s.socket

t.case("gettime is the wall clock with fractions", function()
  local now = t.results(1, socket.gettime())
  t.equal(type(now), "number")
  t.near(now - os.time(), -2, 3)
  local whole = true
  for _ = 1, 5 do
    if socket.gettime() % 1 ~= 0 then whole = false end
  end
  t.equal(whole, false)
end)

t.case("gettime does not run backwards here", function()
  local last = socket.gettime()
  for _ = 1, 1000 do
    local now = socket.gettime()
    t.ok(now >= last - 0.001)
    last = now
  end
end)

t.case("sleep returns nothing and takes its time", function()
  local took = t.elapsed(function() t.results(0, socket.sleep(0.1)) end)
  t.near(took, 0.1 - 0.0005, 3)
end)

t.case("sleep of a fraction of a millisecond", function()
  local took = t.elapsed(function() return socket.sleep(0.0005) end)
  t.near(took, 0.0004, 1)
end)

t.case("sleep 0 and negative return at once", function()
  local took = t.elapsed(function()
    socket.sleep(0)
    socket.sleep(-1)
    socket.sleep(-1e300)
    socket.sleep(-math.huge)
  end)
  t.near(took, 0, 1)
end)

t.case("sleep takes a numeric string", function()
  t.near(t.elapsed(function() return socket.sleep("0.02") end), 0.0195, 3)
end)

t.case("sleep wants a number", function()
  t.raises(function() local r = socket.sleep() return r, 1 end,
    "bad argument #1 to 'sleep' (number expected, got no value)")
  t.raises(function() local r = socket.sleep("x") return r, 1 end,
    "bad argument #1 to 'sleep' (number expected, got string)")
  t.raises(function() local r = socket.sleep({}) return r, 1 end,
    "bad argument #1 to 'sleep' (number expected, got table)")
end)

t.case("sleep(NaN) returns", function()
  -- Asked of another process, which is killed if it does not come back.
  local source = t.scratch('require("socket").sleep(0/0) print("back")')
  local out = t.shell("timeout 1 " .. t.quote(t.interpreter()) .. " " .. t.quote(source))
  t.equal(out, "back\n")
end)
