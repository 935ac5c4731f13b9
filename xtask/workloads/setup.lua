-- What the workloads share. Each is called as `SCRIPT N ALL PORT [SETTINGS]`: it prepares for ALL operations whatever N
-- is, so that the difference between two runs is the operations alone, and does N of them. PORT is the peer's.

local socket = require("socket")
local port = tonumber(arg[3])

local workload = {
  socket = socket,
  n = tonumber(arg[1]),
  all = tonumber(arg[2]),
  port = port,
  settings = { select(4, (unpack or table.unpack)(arg)) },
}
for i, setting in ipairs(workload.settings) do workload.settings[i] = tonumber(setting) or setting end

--- A connection to the peer.
function workload.connect()
  local client = assert(socket.tcp())
  assert(client:connect("127.0.0.1", port))
  return client
end

--- Says how many connections were made, and the port where the peer shall connect; returns when the peer has done its
-- part.
function workload.go(made, listening)
  io.write(string.format("ready %d %d\n", made, listening or 0))
  io.flush()
  assert(io.read())
end

--- Says that the operations are done, with a number that was measured here, if any, and ends once that has been noted.
-- Nothing is collected or closed before.
function workload.done(number)
  io.write("done ", number or "", "\n")
  io.flush()
  io.read()
  os.exit(0)
end

return workload
