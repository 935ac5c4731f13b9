-- Emilua's dialect: an echo server in fibers and its clients, one of which loses patience.
--
--   cargo xtask run examples/lua/emilua_echo.lua

local emilua = require("emilua")
local ip, spawn, stream, byte_span, time = emilua.ip, emilua.spawn, emilua.stream, emilua.byte_span, emilua.time
local eof = emilua.asio_error.misc.eof

-- Echoes until the client has gone. Errors are raised; the end of the stream is one that was expected.
local function echo(socket)
  emilua.scope_cleanup_push(function() socket:close() end)
  local buffer = byte_span.new(1024)
  while true do
    local ok, count = pcall(socket.read_some, socket, buffer)
    if not ok then
      if count == eof then return end
      error(count, 0)
    end
    stream.write_all(socket, buffer:slice(1, count))
  end
end

local function client(number, port)
  local socket = ip.tcp.dial("127.0.0.1", port)
  local text = "hello from client " .. number
  stream.write_all(socket, text)
  local answer = byte_span.new(#text)
  stream.read_all(socket, answer)
  socket:close()
  return tostring(answer)
end

local ok, err = emilua.run(function()
  local acceptor = ip.tcp.listen("127.0.0.1:0")
  local server = spawn(function()
    while true do
      local socket = acceptor:accept()
      spawn(function() echo(socket) end):detach()
    end
  end)

  local clients = {}
  for number = 1, 3 do
    clients[number] = spawn(function() return client(number, acceptor.local_port) end)
  end
  for _, fiber in ipairs(clients) do print(fiber:join()) end

  -- This one waits for an answer to nothing, until somebody interrupts it.
  local silent = spawn(function()
    local socket = ip.tcp.dial("127.0.0.1", acceptor.local_port)
    emilua.scope_cleanup_push(function() socket:close() end)
    socket:read_some(byte_span.new(1))
  end)
  time.sleep(0.05)
  silent:interrupt()
  silent:join()
  print("the silent client was interrupted:", silent.interruption_caught)

  server:interrupt()
  server:join()
  acceptor:close()
end)
assert(ok, tostring(err))
print("done")
