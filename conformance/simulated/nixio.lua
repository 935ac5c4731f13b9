-- nixio's sockets, with a poll before every other receive.

local nixio = require("nixio")

local dialect = { name = "nixio" }

local function how(code)
  return code == nixio.const.EAGAIN and "timeout" or "gone"
end

--- The call; a closed socket is none to nixio, which raises.
local function open(call)
  return function(socket, argument, limit, nothing)
    local ok, result, code = pcall(call, socket, argument, limit)
    if ok then return result, code end
    local text = tostring(result)
    local closed = text:find("open nixio socket expected", 1, true) or text:find("invalid fd in datastructure", 1, true)
    if closed then return nothing, "gone" end
    error(result, 0)
  end
end

local function limited(socket, name, limit)
  socket:setblocking(limit ~= 0)
  if limit ~= 0 then socket:setopt("socket", name, limit or 0) end
end

function dialect.listen()
  local server = assert(nixio.bind("127.0.0.1", 0))
  assert(server:listen(8))
  return server, (select(2, server:getsockname()))
end

function dialect.connect(port) return assert(nixio.connect("127.0.0.1", port)) end

function dialect.accept(listener) return (assert(listener:accept())) end

local send = open(function(socket, data, limit)
  limited(socket, "sndtimeo", limit)
  local at = 0
  while at < #data do
    local sent, code = socket:send(data, at)
    if not sent then return at, how(code) end
    at = at + sent
  end
  return at
end)

local receive = open(function(socket, count, limit)
  if math.random(2) == 1 then
    local entry = { fd = socket, events = nixio.poll_flags("in") }
    local ready = nixio.poll({ entry }, limit and math.ceil(limit * 1000) or -1)
    if not ready then return "", "timeout" end
    limit = 0
  end
  limited(socket, "rcvtimeo", limit)
  local data, code = socket:recv(count)
  if data == "" then return "", "end" end
  if data then return data end
  return "", how(code)
end)

function dialect.send(socket, data, limit) return send(socket, data, limit, 0) end
function dialect.receive(socket, count, limit) return receive(socket, count, limit, "") end
function dialect.finish(socket) socket:shutdown("wr") end
function dialect.close(socket) socket:close() end
function dialect.sleep(s) nixio.nanosleep(0, math.floor(s * 1e9)) end

return dialect
