-- Coroutines and protected calls through which a fiber can wait: a call of the library that has to wait yields `mark`,
-- and whoever finds that in the hands of a coroutine of its own yields it on, up to the scheduler.
local enter, leave, suspend, mark = ...
local _G, coroutine = _G, coroutine
local error, next, pcall, setmetatable, type, xpcall = error, next, pcall, setmetatable, type, xpcall
local close, create, resume, running = coroutine.close, coroutine.create, coroutine.resume, coroutine.running
local status, yield = coroutine.status, coroutine.yield
local gsub, sub = string.gsub, string.sub
local traceback = debug and debug.traceback

local ours = { coroutine = {} }
local weak = { __mode = "k" }

-- Does this Lua let a yield pass through its own pcall? All but plain 5.1 do.
local probe = create(function() return pcall(yield) end)
resume(probe)
local crosses = status(probe) == "suspended"

-- Coroutines in which something waits for the scheduler: nobody else may resume or close them.
local waiting = setmetatable({}, weak)

local passed

local function go_on(co, ...)
  waiting[co] = nil
  enter(co)
  return passed(co, resume(co, ...))
end

function passed(co, ok, ...)
  leave(co)
  if ok and (...) == mark then
    waiting[co] = true
    return go_on(co, suspend())
  end
  return ok, ...
end

function ours.coroutine.resume(co, ...)
  if waiting[co] then return false, "cannot resume non-suspended coroutine" end
  if type(co) ~= "thread" or not enter(co) then return resume(co, ...) end
  return passed(co, resume(co, ...))
end

function ours.coroutine.status(co)
  if waiting[co] then return "normal" end
  return status(co)
end

if close then
  function ours.coroutine.close(co)
    if waiting[co] then error("cannot close a normal coroutine", 2) end
    return close(co)
  end
end

-- Where plain 5.1 counts the call that a tail call was made in.
local caller = crosses and 2 or 3
-- LuaJIT puts no position before numbers here, though `error` would.
local bare = rawget(_G, "jit") and "number"

local function unwrapped(co, ok, ...)
  if ok then return ... end
  local message = ...
  if close and status(co) == "dead" then
    -- It failed, unless it had ended before.
    local closed, closing = close(co)
    if not closed then message = closing end
  end
  error(message, type(message) == bare and 0 or caller)
end

-- By its last word: a dialect may have put a function of its own in the place of ours.
function ours.wrapper(resume)
  return function(f)
    local co = create(f)
    return function(...) return unwrapped(co, resume(co, ...)) end
  end
end

ours.coroutine.wrap = ours.wrapper(ours.coroutine.resume)

ours.call, ours.xcall = pcall, xpcall

if not crosses then
  -- A protected call is a coroutine here, which passes on whatever is yielded in it, ours and others'.
  -- By its values too: a host's stack has the coroutine, which would keep both for ever where nobody resumes them.
  local hosts = setmetatable({}, { __mode = "kv" })
  local depths = setmetatable({}, weak)
  -- C functions in C functions that this Lua bears; more calls than this are protected in the plain way.
  local DEPTH = 120

  local function current()
    local co = running()
    while co and hosts[co] do co = hosts[co] end
    return co
  end

  -- A coroutine's function has to be one in Lua. It stands below `f`, where a protected call has none.
  local function body(f)
    return create(function(...) return f(...) end)
  end

  -- So what functions in C raise begins with its place, and has its name for them.
  local _, place = resume(body(error), "")

  local function placeless(message)
    if type(message) ~= "string" or sub(message, 1, #place) ~= place then return message end
    message = gsub(sub(message, #place + 1), "^(bad argument #%d+ to )'f' ", "%1'?' ")
    return (gsub(message, "^attempt to call upvalue 'f' %((.*)%)$", "attempt to call %1"))
  end

  local function protect(f)
    local co = body(f)
    local host = running()
    local depth = (depths[host] or 0) + 1
    if depth > DEPTH or not enter(co) then return nil end
    hosts[co], depths[co] = host, depth
    return co
  end

  local ended

  local function carry_on(co, ...)
    waiting[co] = nil
    enter(co)
    return ended(co, resume(co, ...))
  end

  function ended(co, ok, ...)
    leave(co)
    if not ok then return false, placeless((...)) end
    if status(co) == "suspended" then return carry_on(co, yield(...)) end
    return true, ...
  end

  function ours.call(f, ...)
    local co = protect(f)
    if not co then return pcall(f, ...) end
    return ended(co, resume(co, ...))
  end

  local function handled(co, handler, ok, ...)
    if ok then return ok, ... end
    if handler == traceback then return false, traceback(co, (...)) end
    local _, message = pcall(handler, (...))
    return false, message
  end

  function ours.xcall(f, handler, ...)
    local co = protect(f)
    if not co then return xpcall(f, handler) end
    return handled(co, handler, ended(co, resume(co, ...)))
  end

  ours.pcall, ours.xpcall = ours.call, ours.xcall

  function ours.coroutine.running() return current() end

  function ours.coroutine.status(co)
    if waiting[co] then return "normal" end
    local now = status(co)
    return now == "normal" and co == current() and "running" or now
  end
end

-- Puts functions in the place of Lua's own while fibers run, and back.
local taken = {}

local function put(into, names)
  for name, f in next, names do
    if type(f) == "function" then
      taken[#taken + 1] = { into, name, into[name], f }
      into[name] = f
    end
  end
end

function ours.install(names)
  put(_G, { pcall = names.pcall, xpcall = names.xpcall })
  put(coroutine, names.coroutine)
end

function ours.restore()
  for i = #taken, 1, -1 do
    local into, name, was, is = taken[i][1], taken[i][2], taken[i][3], taken[i][4]
    -- Somebody may have put theirs there meanwhile.
    if into[name] == is then into[name] = was end
    taken[i] = nil
  end
end

return ours
