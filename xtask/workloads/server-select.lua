-- An echo server for lines, with select.
local workload = dofile(arg[0]:match("^.*/") .. "setup.lua")

local socket = workload.socket
local server = assert(socket.bind("127.0.0.1", 0, 4096))
local _, port = server:getsockname()
server:settimeout(0)
io.write(string.format("ready 0 %d\n", port))
io.flush()
local sockets = { server }
while true do
  for _, ready in ipairs((socket.select(sockets, nil))) do
    if ready == server then
      local peer = server:accept()
      if peer then
        peer:setoption("tcp-nodelay", true)
        sockets[#sockets + 1] = peer
      end
    else
      ready:send(assert(ready:receive()) .. "\n")
    end
  end
end
