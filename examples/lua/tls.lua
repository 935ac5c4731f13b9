-- TLS by LuaSec: a server and a client, two fibers of one program.
--
--   cargo xtask run examples/lua/tls.lua
--
-- LuaSec is used as ever; in a fiber its calls let the others go on, too.

local moonsocket = require "moonsocket"
local socket = require "socket"

local has_luasec, ssl = pcall(require, "ssl")
if not has_luasec then
  print "skipped: there is no LuaSec (Debian: lua-sec)"
  os.exit(0)
end

-- The object is empty afterwards: its descriptor belongs to LuaSec's.
local function secured(client, context)
  local object = assert(ssl.wrap(client, context))
  assert(object:dohandshake())
  return object
end

-- A certificate that nobody has signed, for this run.
local file = os.tmpname()
local made = os.execute("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost "
  .. "-keyout " .. file .. " -out " .. file .. ".pem >/dev/null 2>&1")
if made ~= 0 and made ~= true then
  os.remove(file)
  print "skipped: there is no openssl to make a certificate with"
  os.exit(0)
end

local server = assert(socket.bind("127.0.0.1", 0))
local host, port = server:getsockname()

moonsocket.spawn(function()
  local peer = secured(assert(server:accept()), {
    mode = "server", protocol = "any", options = { "all", "no_sslv3" }, key = file, certificate = file .. ".pem",
  })
  local line = assert(peer:receive("*l"))
  assert(peer:send(line:upper() .. "\n"))
  peer:close()
end)

moonsocket.spawn(function()
  local client = secured(assert(socket.connect(host, port)), {
    mode = "client", protocol = "any", options = { "all", "no_sslv3" }, verify = "peer", cafile = file .. ".pem",
  })
  assert(client:send("in confidence\n"))
  print("got '" .. assert(client:receive("*l")) .. "' over " .. client:info().protocol)
  client:close()
end)

assert(moonsocket.run())
os.remove(file)
os.remove(file .. ".pem")
