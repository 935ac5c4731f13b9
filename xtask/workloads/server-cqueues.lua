-- An echo server for lines on cqueues, with a coroutine for each connection.
local cqueues = require("cqueues")
local socket = require("cqueues.socket")

local server = assert(socket.listen({ host = "127.0.0.1", port = 0, nodelay = true }))
local _, _, port = server:localname()
io.write(string.format("ready 0 %d\n", port))
io.flush()
local loop = cqueues.new()
loop:wrap(function()
  for peer in server:clients() do
    peer:setmode("bn", "bn")
    loop:wrap(function()
      for line in peer:lines("*L") do peer:write(line) end
      peer:close()
    end)
  end
end)
assert(loop:loop())
