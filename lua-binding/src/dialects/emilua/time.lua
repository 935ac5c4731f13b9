-- time: sleeping, and timers that others may cancel.
local emilua, raw = ...
local getmetatable, next, setmetatable, throw, type = getmetatable, next, setmetatable, raw.throw, type
local EDOM, EINVAL = raw.errno.EDOM, raw.errno.EINVAL

local sleep = raw.raising(raw.sleep, 0)

local function seconds(value)
  if type(value) ~= "number" then throw(EINVAL, "generic", 1) end
  -- Not a number is not equal to itself.
  if value ~= value or value < 0 or value == 1 / 0 then throw(EDOM, "generic", 1) end
  return value
end

local time = {}

function time.sleep(value) sleep(seconds(value)) end

--- Seconds on the clock that timers go by.
time.steady_clock = { now = raw.now }

-- Timers ------------------------------------------------------------------------

local Timer = { __metatable = "steady_timer" }
local methods = {}

function Timer.__index(self, key)
  if key == "expiry" then return self[Timer].expiry end
  return methods[key] or throw(8, "emilua.core")
end

function Timer.__newindex() throw(8, "emilua.core") end

local function state_of(timer)
  if getmetatable(timer) ~= Timer.__metatable then throw(EINVAL, "generic", 1) end
  return timer[Timer]
end

local function expires(self, at)
  local count = methods.cancel(self)
  self[Timer].expiry = at
  return count
end

--- From now on; who waits is told that it was cancelled. How many that were.
function methods.expires_after(self, value) return expires(self, raw.now() + seconds(value)) end

--- At a moment of the steady clock.
function methods.expires_at(self, at)
  if type(at) ~= "number" or at ~= at then throw(EINVAL, "generic", 2) end
  return expires(self, at)
end

--- Ends all waits; how many there were.
function methods.cancel(self)
  local state, count = state_of(self), 0
  local waiting = state.waiting
  state.waiting = {}
  for fiber in next, waiting do
    raw.abort(fiber)
    count = count + 1
  end
  return count
end

--- Waits until it expires.
function methods.wait(self)
  local state = state_of(self)
  local left = state.expiry - raw.now()
  local fiber = raw.current()
  if not fiber then
    raw.retry(function() methods.wait(self) return true end)
    return
  end
  local waiting = state.waiting
  waiting[fiber] = true
  local ok, code, category = raw.sleep(left > 0 and left or 0)
  waiting[fiber] = nil
  if not ok then throw(code, category) end
end

time.steady_timer = {}

function time.steady_timer.new()
  local timer = {}
  timer[Timer] = { expiry = raw.now(), waiting = {} }
  return setmetatable(timer, Timer)
end

emilua.time = time
emilua.sleep, emilua.sleep_for = time.sleep, time.sleep
