-- The other end of a connection: runs one Lua source file for a case, see
-- `peer` in processes.lua. What it says goes out line by line.

io.stdout:setvbuf("line")

function say(...)
  local words = {}
  for i = 1, select("#", ...) do words[i] = tostring((select(i, ...))) end
  io.stdout:write(table.concat(words, " "), "\n")
  io.stdout:flush()
end

local unpack = table.unpack or unpack
local arguments = { unpack(arg, 2) }
local ok, err = xpcall(function()
  assert(loadfile(arg[1]))(unpack(arguments))
end, debug.traceback)
if not ok then
  say("PEER ERROR " .. tostring(err))
  os.exit(1)
end
