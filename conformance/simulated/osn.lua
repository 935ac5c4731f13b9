-- osn's sockets. They cannot say that no more will be sent.

local osn = require("osn")
local sleep = require("socket").sleep

-- The worlds' signals are simulated, and none that it could tell of.
osn.signals(false)

local dialect = { name = "osn" }

function dialect.listen()
  local server = assert(osn.serve { ip = "127.0.0.1", port = "0" })
  return server, tonumber((select(2, server:getsockname())))
end

function dialect.connect(port) return assert(osn.connect { ip = "127.0.0.1", port = port }) end

function dialect.accept(listener) return (assert(listener:accept())) end

function dialect.send(socket, data)
  local sent, why = socket:send(data)
  if not sent then return 0, why == "timeout" and why or "gone" end
  return sent, sent < #data and "timeout" or nil
end

function dialect.receive(socket, count, limit)
  local data, why
  if limit then
    data, why = socket:receive(count, math.max(limit, 1e-6))
  else
    data, why = socket:receive(count)
  end
  if data and data ~= "" then return data end
  if why == "timeout" then return "", why end
  return "", why == "closed" and "end" or "gone"
end

function dialect.close(socket) socket:close() end
dialect.sleep = sleep

return dialect
