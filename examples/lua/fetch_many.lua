-- Fetches many URLs at once, a fiber for each, at most so many at a time. Without URLs: ten from a server of its own
-- that takes 0.1 s for each.
--
--   cargo xtask run examples/lua/fetch_many.lua [URL...]

local moonsocket = require "moonsocket"
local socket = require "socket"
local http = require "socket.http"

local AT_ONCE = 5
http.TIMEOUT = 10

local function slow_server(count)
  local server = assert(socket.bind("127.0.0.1", 0))
  local host, port = server:getsockname()
  local function answer(client)
    local path = client:receive():match("^GET (%S+)")
    while client:receive() ~= "" do end
    socket.sleep(0.1)
    local page = "the page " .. path
    client:send("HTTP/1.1 200 OK\r\nContent-Length: " .. #page .. "\r\nConnection: close\r\n\r\n" .. page)
    client:close()
  end
  moonsocket.spawn(function()
    for _ = 1, count do moonsocket.spawn(answer, assert(server:accept())) end
    server:close()
  end)
  return "http://" .. host .. ":" .. port .. "/"
end

local urls = arg
if #urls == 0 then
  local base = slow_server(10)
  for i = 1, 10 do urls[i] = base .. i end
end

local next_one, fetched = 0, 0
local function worker()
  while next_one < #urls do
    next_one = next_one + 1
    local url = urls[next_one]
    local body, code = http.request(url)
    print(url, body and code .. ", " .. #body .. " bytes" or "failed: " .. code)
    if body then fetched = fetched + 1 end
  end
end

local start = socket.monotime()
for _ = 1, AT_ONCE do moonsocket.spawn(worker) end
assert(moonsocket.run())
print(("%d of %d in %.1f s"):format(fetched, #urls, socket.monotime() - start))
