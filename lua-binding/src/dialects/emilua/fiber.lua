-- spawn, this_fiber, and the handles of fibers.
local emilua, raw = ...
local error, next, setmetatable, throw, tostring, type = error, next, setmetatable, raw.throw, tostring, type
local EINVAL = raw.errno.EINVAL
local weak = { __mode = "k" }

-- What is kept for a fiber is found by its coroutine.
local main = setmetatable({}, { __mode = "v" })
local locals = setmetatable({}, weak)
local caught = setmetatable({}, weak)

function raw.set_main(coroutine) main[1] = coroutine end

function emilua.spawn(f)
  if type(f) ~= "function" then throw(EINVAL, "generic", 1) end
  return raw.spawn(function() return raw.clean(f()) end)
end

raw.silence(raw.is_interruption)

-- Handles ---------------------------------------------------------------------

local handle = raw.half(raw.fiber)
local methods = {
  detach = raw.raising(handle.detach, 0),
  interrupt = raw.raising(handle.interrupt, 0),
}

local function joined(self, ok, ...)
  if ok then
    caught[self] = false
    return ...
  elseif ok == false then
    local err = ...
    caught[self] = raw.is_interruption(err)
    if caught[self] then return end
    error(err, 0)
  end
  local code, category, number = ...
  if code == false then return joined(self, raw.retry(raw.join, self)) end
  throw(code, category, number)
end

function methods.join(self) return joined(self, raw.join(self)) end

raw.class(raw.fiber, "fiber", methods, {
  joinable = handle.joinable,
  interruption_caught = function(self)
    if caught[self] == nil then throw(EINVAL, "generic") end
    return caught[self]
  end,
})

-- A fiber that failed may lose its handle after the scheduler's last turn, even when the program ends.
-- The metatable outlives a loading: the next finds the Rust half's there.
local collect = raw.fiber.collect or raw.fiber.__gc
raw.fiber.collect = collect
function raw.fiber.__gc(self)
  collect(self)
  raw.report()
end

-- this_fiber ------------------------------------------------------------------

local this = { yield = raw.raising(raw.turn, 0) }

-- Counts up, or down what was counted up before.
local function counter(count, by, unmatched)
  return function()
    if not count(by) and by < 0 then throw(unmatched, "emilua.core") end
  end
end

this.disable_interruption = counter(raw.shield, 1)
this.restore_interruption = counter(raw.shield, -1, 11)
this.forbid_suspend = counter(raw.forbid, 1)
this.allow_suspend = counter(raw.forbid, -1, 10)

local properties = {}

function properties.is_main() return raw.root() ~= nil and raw.root() == main[1] end

function properties.id()
  local coroutine = raw.root()
  return coroutine and tostring(coroutine)
end

properties["local_"] = function()
  local coroutine = raw.root()
  if not coroutine then return nil end
  local it = locals[coroutine]
  if not it then
    it = {}
    locals[coroutine] = it
  end
  return it
end

emilua.this_fiber = setmetatable({}, {
  __index = function(_, key)
    if this[key] then return this[key] end
    if properties[key] then return properties[key]() end
    throw(8, "emilua.core")
  end,
  __newindex = function() throw(8, "emilua.core") end,
  __metatable = "this_fiber",
})

-- Protected calls and coroutines, which are points of interruption ------------

local crossing = raw.crossing
local call, check, xcall = crossing.call, raw.check, crossing.xcall
local running = coroutine.running

local function point()
  local ok, code, category = check()
  if not ok then throw(code, category) end
end

raw.names = { coroutine = {} }
for name, f in next, crossing.coroutine do raw.names.coroutine[name] = f end

function raw.names.pcall(f, ...)
  point()
  return raw.leave(raw.enter(), call(f, ...))
end

function raw.names.xpcall(f, handler, ...)
  point()
  return raw.leave(raw.enter(), xcall(f, handler, ...))
end

local resume, yield = crossing.coroutine.resume, coroutine.yield

function raw.names.coroutine.resume(co, ...)
  point()
  -- It raises, and names the caller's place.
  if type(co) ~= "thread" then return resume(co, ...) end
  return raw.resumed(co, resume(co, ...))
end

local close = crossing.coroutine.close
if close then
  local status = crossing.coroutine.status
  function raw.names.coroutine.close(...)
    local co = ...
    local now = type(co) == "thread" and status(co)
    if now ~= "suspended" and now ~= "dead" then return close(...) end
    return raw.resumed(co, close(co))
  end
end

raw.names.coroutine.wrap = crossing.wrapper(raw.names.coroutine.resume)

-- The fiber's own coroutine is none for the program.
local current = crossing.coroutine.running or running

function raw.names.coroutine.running()
  if current() == raw.root() then return nil end
  return current()
end

function raw.names.coroutine.yield(...)
  if current() == raw.root() then throw(9, "emilua.core") end
  return yield(...)
end

emilua.pcall, emilua.xpcall, emilua.coroutine = raw.names.pcall, raw.names.xpcall, {}
for name, f in next, coroutine do emilua.coroutine[name] = f end
for name, f in next, raw.names.coroutine do emilua.coroutine[name] = f end
