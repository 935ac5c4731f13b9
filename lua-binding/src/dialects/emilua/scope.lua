-- Scopes: what is to be done at their end, however they end. A coroutine, so a fiber too, a pcall and scope() are scopes.
local emilua, raw = ...
local error, pcall, setmetatable, throw, type = error, pcall, setmetatable, raw.throw, type
local call, status = raw.crossing.call, coroutine.status
local EINVAL = raw.errno.EINVAL
-- The coroutine that counts: in plain 5.1 a protected call is one, too.
local current = raw.crossing.coroutine.running or coroutine.running

-- For each coroutine its open scopes: false, or a list of handlers. The first is the coroutine's own.
local stacks = setmetatable({}, { __mode = "k" })
-- In none, for which plain 5.1 has no name.
local outside = { false }

local function stack()
  local coroutine = current()
  if not coroutine then return outside end
  local it = stacks[coroutine]
  if not it then
    it = { false }
    stacks[coroutine] = it
  end
  return it, coroutine
end

-- Runs handlers, the last one first, and what they add; none of them is interrupted. The first error is raised when all
-- have run.
local function run(handlers)
  local failed, failure
  raw.shield(1)
  while #handlers > 0 do
    local handler = handlers[#handlers]
    handlers[#handlers] = nil
    local ok, err = call(handler)
    if not ok and not failed then failed, failure = true, err end
  end
  raw.shield(-1)
  if failed then error(failure, 0) end
end

--- Opens a scope; what `leave` is to be given.
function raw.enter()
  local scopes = stack()
  scopes[#scopes + 1] = false
  return #scopes
end

--- Closes that scope, and passes on the results of a protected call.
function raw.leave(level, ...)
  local scopes = stack()
  local handlers = scopes[level]
  for i = #scopes, level, -1 do scopes[i] = nil end
  if handlers then run(handlers) end
  return ...
end

--- After a resume with these results: ends the coroutine's scopes if it has ended.
function raw.resumed(coroutine, ...)
  local scopes = stacks[coroutine]
  if scopes and status(coroutine) == "dead" then
    stacks[coroutine] = nil
    if scopes[1] then run(scopes[1]) end
  end
  return ...
end

--- Ends a fiber that returns these.
function raw.clean(...)
  local coroutine = raw.root()
  local scopes = coroutine and stacks[coroutine]
  if scopes and scopes[1] then
    raw.epilogue(function() end)
    run(scopes[1])
  end
  return ...
end

local function closed(level, ok, ...)
  raw.leave(level)
  if ok then return ... end
  error((...), 0)
end

--- Calls a function; what it pushes is done at its end.
function emilua.scope(f)
  if type(f) ~= "function" then throw(EINVAL, "generic", 1) end
  return closed(raw.enter(), call(f))
end

-- Makes handlers those of the running coroutine.
local function own(handlers) stack()[1] = handlers end

--- Something to be done at the end of the present scope.
function emilua.scope_cleanup_push(f)
  if type(f) ~= "function" then throw(EINVAL, "generic", 1) end
  local scopes, coroutine = stack()
  local level = #scopes
  if not scopes[level] then
    scopes[level] = {}
    if level == 1 and coroutine and coroutine == raw.root() then
      local handlers = scopes[1]
      raw.epilogue(function()
        -- Without memory for that they are run all the same.
        pcall(own, handlers)
        run(handlers)
      end)
    end
  end
  scopes[level][#scopes[level] + 1] = f
end

--- Takes the last one back; it is done now unless `execute` is false.
function emilua.scope_cleanup_pop(execute)
  local scopes = stack()
  local handlers = scopes[#scopes]
  if not handlers or #handlers == 0 then throw(14, "emilua.core") end
  local handler = handlers[#handlers]
  handlers[#handlers] = nil
  if execute ~= false then run({ handler }) end
end
