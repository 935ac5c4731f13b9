-- run, and calls that wait outside of it.
local emilua, raw = ...
local _G, error, next, package, pcall, select, throw, type, unpack =
  _G, error, next, package, pcall, select, raw.throw, type, table.unpack or unpack
local crossing = raw.crossing
local traceback = debug and debug.traceback or function(message) return message end

-- With Emilua's protected calls and coroutines in the place of Lua's.
local function restored(ok, ...)
  crossing.restore()
  if not ok then error((...), 0) end
  return ...
end

local function with_names(f, ...)
  crossing.install(raw.names)
  return restored(pcall(f, ...))
end

local function main_of(f)
  return function()
    raw.set_main(raw.root())
    return raw.clean(f())
  end
end

local function run(f)
  local ok, err = raw.alone(main_of(f))
  if ok then
    -- The others have their time.
    ok, err = raw.rest()
    if ok then return true end
  elseif ok == false then
    raw.kill()
    return nil, err
  end
  raw.kill()
  return nil, err == raw.errno.EDEADLK and "deadlock" or raw.new_error(err, "system")
end

--- Calls a function as the main fiber: true when all fibers have ended; nil and its error when it failed, which ends the
--- others at once; nil, "deadlock" when those that are left wait for each other.
function emilua.run(f)
  if type(f) ~= "function" then throw(raw.errno.EINVAL, "generic", 1) end
  if raw.running() then error("fibers are running already", 2) end
  return with_names(run, f)
end

local function outcome(ok, ...)
  if ok then return ... end
  if ok == false then error((...), 0) end
  throw(...)
end

--- Makes a call that has to wait, outside of fibers: as a fiber of its own, while the others run.
function raw.retry(call, ...)
  -- Called by a finaliser, or while an error is shown.
  if raw.running() then throw(9, "emilua.core") end
  local count, args = select("#", ...), { ... }
  local function body()
    local function checked(...)
      if (...) == nil then throw(select(2, ...)) end
      return ...
    end
    return checked(call(unpack(args, 1, count)))
  end
  if call == raw.join then
    body = function() return raw.join(args[1]) end
  end
  return outcome(with_names(raw.alone, body))
end

--- Makes what Emilua programs expect to find: globals, and modules for `require`.
function emilua.globals()
  for _, name in next, { "byte_span", "scope", "scope_cleanup_pop", "scope_cleanup_push", "spawn", "this_fiber" } do
    _G[name] = emilua[name]
  end
  for _, name in next, { "asio_error", "byte_span", "generic_error", "ip", "stream", "time" } do
    if not package.preload[name] then package.preload[name] = function() return emilua[name] end end
  end
  return emilua
end

local function traced(err)
  if type(err) == "string" then return traceback(err, 2) end
  return err
end

--- Runs a script's main chunk as the main fiber, with those: for interpreters. Raises what the chunk raises.
function emilua.main(chunk, ...)
  emilua.globals()
  local count, args = select("#", ...), { ... }
  local ok, err = emilua.run(function()
    local fine, why = crossing.xcall(function() return chunk(unpack(args, 1, count)) end, traced)
    if not fine then error(why, 0) end
  end)
  if not ok then error(err, 0) end
end
