-- time: sleeping, and timers that others may cancel.
local emilua, raw = ...
local getmetatable, setmetatable, throw, type = getmetatable, setmetatable, raw.throw, type
local ECANCELED, EDOM, EINVAL = raw.errno.ECANCELED, raw.errno.EDOM, raw.errno.EINVAL

local sleep, turn = raw.raising(raw.sleep, 0), raw.turn

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

-- The waits of a timer until its next expiry, in their order.
local function none() return { first = 1, last = 0 } end

-- Ends those up to this one; how many there were.
local function finish(waits, last, how)
  local count = 0
  for i = waits.first, last do
    local wait = waits[i]
    if wait and not wait.ended then
      wait.ended = how
      raw.abort(wait.fiber)
      count = count + 1
    end
  end
  return count
end

--- Ends all waits; how many there were.
function methods.cancel(self)
  local state = state_of(self)
  local waits = state.waits
  state.waits = none()
  return finish(waits, waits.last, "cancelled")
end

-- A wait is over: those before `first` all are.
local function leave(waits, at)
  waits[at] = nil
  while waits.first <= waits.last and not waits[waits.first] do waits.first = waits.first + 1 end
end

-- Who is first to wake tells the others. Whoever wakes lets those before it go first; one that cannot yield waits for none.
local function in_order(waits, at)
  if not waits[at].ended then finish(waits, waits.last, "expired") end
  for _ = waits.first, at - 1 do
    if waits.first == at or not turn() then return end
  end
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
  local waits, wait = state.waits, { fiber = fiber }
  local at = waits.last + 1
  waits[at], waits.last = wait, at
  local ok, code, category = raw.sleep(left > 0 and left or 0)
  local expired = ok or wait.ended == "expired" and code == ECANCELED
  if expired then in_order(waits, at) end
  leave(waits, at)
  if not expired then throw(code, category) end
end

time.steady_timer = {}

function time.steady_timer.new()
  local timer = {}
  timer[Timer] = { expiry = raw.now(), waits = none() }
  return setmetatable(timer, Timer)
end

emilua.time = time
emilua.sleep, emilua.sleep_for = time.sleep, time.sleep
