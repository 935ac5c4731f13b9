-- Emilua's sockets. They know no limits: a fiber of their own cancels what takes too long.

local emilua = require("emilua")
local ip, byte_span = emilua.ip, emilua.byte_span

local dialect = { name = "Emilua" }

--- The call's results, or how it failed. Whoever cancels may strike anybody else's call on that socket, too.
local function attempt(call, ...)
  local ok, result = pcall(call, ...)
  if ok then return result end
  if type(result) ~= "table" then error(result, 0) end
  local name, code = result.category.name, result.code
  if name == "asio.misc" and code == 2 then return nil, "end" end
  return nil, code == emilua.generic_error.ECANCELED.code and "timeout" or "gone"
end

function dialect.listen()
  local acceptor = ip.tcp.acceptor.new()
  acceptor:open(ip.address.new("127.0.0.1"))
  acceptor:bind(ip.address.new("127.0.0.1"), 0)
  acceptor:listen()
  return acceptor, acceptor.local_port
end

function dialect.connect(port)
  local socket = ip.tcp.socket.new()
  socket:connect(ip.address.new("127.0.0.1"), port)
  return socket
end

function dialect.accept(acceptor) return acceptor:accept() end

function dialect.send(socket, data)
  local sent, how = attempt(socket.write_some, socket, data)
  if sent and sent < #data then return sent, "timeout" end
  return sent or 0, how
end

function dialect.receive(socket, count)
  local span = byte_span.new(count)
  local got, how = attempt(socket.read_some, socket, span)
  if not got then return "", how end
  return tostring(span:slice(1, got))
end

function dialect.finish(socket) pcall(socket.shutdown, socket, "send") end
function dialect.close(socket) socket:close() end
function dialect.sleep(s) emilua.time.sleep(s) end

return dialect
