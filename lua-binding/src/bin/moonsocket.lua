-- What the interpreter does with its arguments; true if all went well.
local plan, script, version = ...
local arg, debug, error, io, loadfile, require, select, tostring, type, xpcall =
  arg, debug, error, io, loadfile, require, select, tostring, type, xpcall
local load = loadstring or load
local unpack = table.unpack or unpack
local _VERSION, jit = _VERSION, jit

-- Is a library's `main` running? It traces the script's calls itself, which are another coroutine's.
local traced = false

local function handler(message)
  if type(message) ~= "string" then
    local meta = debug.getmetatable(message)
    if meta and meta.__tostring then
      return tostring(message)
    end
    message = "(error object is a " .. type(message) .. " value)"
  end
  return traced and message or debug.traceback(message, 2)
end

local function report(ok, message)
  if not ok then
    io.stderr:write("moonsocket: ", tostring(message), "\n")
    io.stderr:flush()
  end
  return ok
end

-- A chunk that does not compile has no calls to trace.
local function run(chunk, message, ...)
  if not chunk then
    return report(false, message)
  end
  local count, args = select("#", ...), { ... }
  return report(xpcall(function() return chunk(unpack(args, 1, count)) end, handler))
end

-- Runs the script: some library's `main`, if one was named.
local main = function(chunk, ...) return chunk(...) end
local named = 0

local steps = {}

function steps.main(name)
  named = named + 1
  return run(function()
    main = require(name).main
    if type(main) ~= "function" then
      error("library '" .. name .. "' cannot run scripts", 0)
    end
  end)
end

function steps.version()
  io.stdout:write(version, " (", jit and jit.version or _VERSION, ")\n")
  return true
end

function steps.execute(code)
  return run(load(code, "=(command line)"))
end

function steps.require(name)
  return run(function() _G[name] = require(name) end)
end

for i = 1, #plan do
  if not steps[plan[i][1]](plan[i][2]) then
    return false
  end
end
if not script and #plan > named then
  return true
end
local chunk, message = loadfile(script ~= "-" and script or nil)
if not chunk then
  return report(false, message)
end
traced = named > 0
return run(main, nil, chunk, unpack(arg))
