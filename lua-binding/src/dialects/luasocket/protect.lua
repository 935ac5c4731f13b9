-- newtry and protect. A try that fails raises a table that holds the message; protect turns it into
-- nil, message, and passes every other error on as it is. Which tables are ours is remembered here, not
-- told by their looks, so that one that was caught and raised again is still known.
local socket, pcall = ...
local error, setmetatable = error, setmetatable

local raised = setmetatable({}, { __mode = "k" })
local mark = { __metatable = false }

local function failed(finalizer, message)
  if finalizer ~= nil then finalizer() end
  local failure = setmetatable({ message }, mark)
  raised[failure] = true
  error(failure, 0)
end

function socket.newtry(finalizer)
  return function(value, ...)
    if value then return value, ... end
    failed(finalizer, (...))
  end
end

local function results(ok, ...)
  if ok then return ... end
  local failure = ...
  if failure ~= nil and raised[failure] then return nil, failure[1] end
  error(failure, 0)
end

function socket.protect(f)
  return function(...) return results(pcall(f, ...)) end
end
