-- Prints what this interpreter's mime and socket.url make of the texts of a seed, one line for each:
--   INTERP answers.lua FOLDER mime|url SEED COUNT
-- The first line says whose they are.

local folder, topic, seed, count = arg[1], arg[2], tonumber(arg[3]), tonumber(arg[4])

local found, socket = pcall(require, "socket")
if not found then
  print("none")
  os.exit(0)
end
print(socket._VERSION)
local library = require(topic == "url" and "socket.url" or topic)
local random = dofile(folder .. "/random.lua")(seed)
local line = dofile(folder .. "/line.lua")
dofile(folder .. "/" .. topic .. ".lua")(library, random, count, function(...) io.write(line(...), "\n") end)
