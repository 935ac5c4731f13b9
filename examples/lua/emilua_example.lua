-- The example of Emilua's own page for ip.tcp.socket; only `socket_pair` is written here.
--
--   cargo xtask run examples/lua/emilua_example.lua

local emilua = require("emilua").globals()
local ip, stream = require("ip"), require("stream")
local byte_span, spawn = byte_span, spawn -- globals, as Emilua has them

local function socket_pair()
  local acceptor = ip.tcp.listen("127.0.0.1:0")
  local a = ip.tcp.dial("127.0.0.1", acceptor.local_port)
  local b = acceptor:accept()
  acceptor:close()
  return a, b
end

assert(emilua.run(function()

local a, b = socket_pair()

spawn(function()
    local buf = byte_span.new(1024)
    local nread = b:read_some(buf)
    print(buf:slice(1, nread))
end):detach()

local nwritten = stream.write_all(a, 'Hello World')
print(nwritten)

end))
