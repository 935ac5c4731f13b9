-- nanosleep and gettimeofday.

local t, s = ...
local nixio, const = s.nixio, s.const

t.case("gettimeofday: seconds and microseconds", function()
  local before = os.time()
  local seconds, micros = t.results(2, nixio.gettimeofday())
  -- The C library's time() is behind by up to a tick of the kernel's.
  t.near(seconds, before, os.time() + 1)
  t.near(micros, 0, 999999)
end)

t.case("nanosleep", function()
  local took = t.elapsed(function() t.gives(true)(nixio.nanosleep(0, 30000000)) end)
  t.near(took, 0.03 - s.slack, 1)
  t.gives(true)(nixio.nanosleep())
  t.gives(true)(nixio.nanosleep(0))
  t.gives(true)(nixio.nanosleep(nil, 1))
end)

t.case("nanosleep: times that are none", function()
  s.fails(const.EINVAL, nixio.nanosleep(0, 1000000000))
  s.fails(const.EINVAL, nixio.nanosleep(0, -1))
  s.fails(const.EINVAL, nixio.nanosleep(-1))
  t.raises_like(function() return nixio.nanosleep("x") end, "number expected")
end)
