-- LuaSocket's objects as a program with a select loop uses them: they never wait by themselves.

local socket = require("socket")

local base = dofile(arg[0]:gsub("[^/]*$", "") .. "luasocket.lua")
local selecting = setmetatable({ name = "LuaSocket with select" }, { __index = base })

-- A closed object is none that select could wait for.
local function select(c, reads, writes, limit)
  if c:getfd() == -1 then return {}, {}, "gone" end
  return socket.select(reads, writes, limit)
end

function selecting.send(c, data, limit)
  local _, writable, err = select(c, nil, { c }, limit)
  if not writable[c] then return 0, err == "timeout" and err or "gone" end
  return base.send(c, data, 0)
end

function selecting.receive(c, count, limit)
  local readable, _, err = select(c, { c }, nil, limit)
  if not readable[c] then return "", err == "timeout" and err or "gone" end
  return base.receive(c, count, 0)
end

return selecting
