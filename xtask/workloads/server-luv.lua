-- An echo server on luv: what comes goes back, as its own examples have it.
local uv = require("luv")

local server = uv.new_tcp()
assert(server:bind("127.0.0.1", 0))
assert(server:listen(4096, function()
  local peer = uv.new_tcp()
  server:accept(peer)
  peer:nodelay(true)
  peer:read_start(function(_, data)
    if data then peer:write(data) else peer:close() end
  end)
end))
io.write(string.format("ready 0 %d\n", server:getsockname().port))
io.flush()
uv.run()
