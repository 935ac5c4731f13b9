-- newtry and protect. A try that fails raises a table that holds the message; protect turns it into
-- nil, message, and passes every other error on as it is. Which tables are ours is remembered here, not
-- told by their looks, so that one that was caught and raised again is still known.
local socket = ...
local coroutine, error, pcall, select, setmetatable = coroutine, error, pcall, select, setmetatable

local raised = setmetatable({}, { __mode = "k" })
local mark = { __metatable = false }

local function attempt(finalizer, ...)
  if (...) then return ... end
  if finalizer ~= nil then finalizer() end
  local failure = setmetatable({ (select(2, ...)) }, mark)
  raised[failure] = true
  error(failure, 0)
end

function socket.newtry(finalizer)
  return function(...) return attempt(finalizer, ...) end
end

-- The pcall of protect. Plain Lua 5.1 cannot yield across its own; there a fiber makes the call in a coroutine
-- that speaks for it, and passes on what that yields and what it is resumed with.
local lend = socket.__lend
socket.__lend = nil
local call = pcall

if _VERSION == "Lua 5.1" and not jit then
  local create, resume, running, status, yield =
    coroutine.create, coroutine.resume, coroutine.running, coroutine.status, coroutine.yield
  local go_on

  local function stopped(fiber, co, ...)
    lend(fiber)
    if status(co) == "dead" then return ... end
    return go_on(fiber, co, yield(select(2, ...)))
  end

  function go_on(fiber, co, ...)
    lend(co)
    return stopped(fiber, co, resume(co, ...))
  end

  function call(f, ...)
    if not lend() then return pcall(f, ...) end
    -- Of Lua, because a coroutine of 5.1 cannot begin with a function of C.
    return go_on(running(), create(function(...) return f(...) end), ...)
  end
end

local function results(ok, ...)
  if ok then return ... end
  local failure = ...
  if failure ~= nil and raised[failure] then return nil, failure[1] end
  error(failure, 0)
end

function socket.protect(f)
  return function(...) return results(call(f, ...)) end
end
