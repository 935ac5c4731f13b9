-- A GET by hand, over plain TCP, from a small web server in a fiber of the same program.
--
--   cargo xtask run examples/lua/http_get.lua

local moonsocket = require "moonsocket"
local socket = require "socket"

local server = assert(socket.bind("127.0.0.1", 0))
local host, port = server:getsockname()
local page = string.rep("moonsocket says hello\n", 1000)

local function serve()
  local peer = assert(server:accept())
  peer:settimeout(5)
  local request = assert(peer:receive())
  repeat until assert(peer:receive()) == "" -- the headers end with an empty line
  print("server  was asked: " .. request)
  local head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " .. #page .. "\r\n\r\n"
  assert(peer:send(head .. page))
  peer:close()
end

-- Status line, headers in lower case, body.
local function get(path)
  local client = assert(socket.connect(host, port))
  client:settimeout(5)
  assert(client:send("GET " .. path .. " HTTP/1.1\r\nHost: " .. host .. ":" .. port .. "\r\nConnection: close\r\n\r\n"))
  local status = assert(client:receive())
  local headers = {}
  local line = assert(client:receive())
  while line ~= "" do
    local name, value = line:match("^([^:]+):%s*(.*)$")
    headers[name:lower()] = value
    line = assert(client:receive())
  end
  local body = assert(client:receive(tonumber(headers["content-length"]) or "*a"))
  client:close()
  return status, headers, body
end

local body

local function fetch()
  local status, headers
  status, headers, body = get("/hello")
  print("client  got: " .. status)
  print("client  got: " .. #body .. " bytes of " .. headers["content-type"])
end

moonsocket.spawn(serve)
moonsocket.spawn(fetch)
assert(moonsocket.run())
server:close()
assert(body == page, "the page is not the one that was sent")
