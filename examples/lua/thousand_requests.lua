-- A thousand HTTP requests at once through LuaSocket's own, unchanged socket.http: each is called in a fiber. The server,
-- fibers too, takes 0.1 s for each answer.
--
--   lua examples/lua/thousand_requests.lua [REQUESTS [URL]]

local emilua = require("emilua")
local socket = require("socket")
local found, http = pcall(require, "socket.http")
if not found then
  print("this Lua has no socket.http")
  os.exit(0)
end

local requests = tonumber(arg[1]) or 1000
local url = arg[2]

local function answer(client)
  repeat
    local line = client:receive()
  until line == "" or not line
  socket.sleep(0.1)
  client:send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n")
  client:close()
end

local ok, err = emilua.run(function()
  local server
  if not url then
    local listener = assert(socket.bind("127.0.0.1", 0, 4096))
    local _, port = listener:getsockname()
    url = string.format("http://127.0.0.1:%d/", port)
    server = emilua.spawn(function()
      for _ = 1, requests do
        local client = assert(listener:accept())
        emilua.spawn(function() answer(client) end):detach()
      end
      listener:close()
    end)
  end

  local begin = socket.gettime()
  local fibers, fine = {}, 0
  for i = 1, requests do
    fibers[i] = emilua.spawn(function() return http.request(url) end)
  end
  for i = 1, requests do
    local body, status = fibers[i]:join()
    if body == "hello\n" and status == 200 then fine = fine + 1 end
  end
  print(string.format("%d of %d requests answered in %.2f s", fine, requests, socket.gettime() - begin))
  if server then server:join() end
end)
assert(ok, tostring(err))
