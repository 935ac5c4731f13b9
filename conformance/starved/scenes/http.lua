-- socket.http between two fibers: whoever raises must leave a connection that can be done without.
local stage = ...
local got = stage.got
local moonsocket = require("moonsocket")
local socket = require("socket")
local http = require("socket.http")

http.TIMEOUT = 0.2

local server

local function close()
  if server then server:close() end
  server = nil
end

return {
  over = function()
    close()
    moonsocket.run()
  end,
  function()
    server = got(socket.bind("127.0.0.1", 0))
    server:settimeout(0.2)
    local _, port = server:getsockname()
    moonsocket.spawn(function()
      local peer
      local ok, err = pcall(function()
        peer = got(server:accept())
        peer:settimeout(0.2)
        repeat local line = got(peer:receive()) until line == ""
        got(peer:send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-One: 1\r\nConnection: close\r\n\r\nhello"))
      end)
      close()
      if peer then peer:close() end
      if not ok then error(err, 0) end
    end)
    moonsocket.spawn(function()
      local ok, err, code = pcall(http.request, "http://127.0.0.1:" .. port .. "/")
      if not ok then
        close()
        error(err, 0)
      end
      if err and err ~= "hello" then error("the body is " .. err, 0) end
      got(err, code)
    end)
    local ok, err = moonsocket.run()
    close()
    got(ok, err)
  end,
}
