-- sgssockets, with a select before every other receive.

local S = require("sgssockets")
local sleep = require("socket").sleep

local dialect = { name = "sgssockets" }

local would_block = S.socket_geterrnobyname("EWOULDBLOCK")

local function how()
  return S.socket_error() == would_block and "timeout" or "gone"
end

function dialect.listen()
  local server = S.socket_tcp()
  assert(server:bind(0))
  assert(server:listen(8))
  return server, server:getsockname().port
end

function dialect.connect(port)
  local socket = S.socket_tcp()
  assert(socket:connect(S.socket_address(S.AF_INET, "127.0.0.1", port)), S.socket_error(true))
  return socket
end

function dialect.accept(listener) return (assert(listener:accept())) end

function dialect.send(socket, data, limit)
  socket.blocking = limit ~= 0
  if limit ~= 0 then socket.send_timeout = limit or 0 end
  local at = 0
  while at < #data do
    local sent = socket:send(data:sub(at + 1))
    if not sent then return at, how() end
    at = at + sent
  end
  return at
end

function dialect.receive(socket, count, limit)
  socket.blocking = limit ~= 0
  if limit ~= 0 then socket.recv_timeout = limit or 0 end
  local data = socket:recv(count)
  if data == true then return "", "end" end
  if data then return data end
  return "", how()
end

function dialect.finish(socket) socket:shutdown(S.SHUT_WR) end
function dialect.close(socket) socket:close() end
dialect.sleep = sleep

return dialect
