-- socket.http.pool: connections that stay open between requests, for those that ask for it with `pool = http.pool()`.
local socket = require "socket"

local pairs, setmetatable, tostring, type = pairs, setmetatable, tostring, type
local concat, remove = table.concat, table.remove

local Pool = {}
Pool.__index = Pool

local pool = {}

-- Options: `size`, the most connections that are kept for one server; `seconds`, how long they are kept.
function pool.new(options)
  options = options or {}
  return setmetatable({ size = options.size or 8, seconds = options.seconds or 30, places = {} }, Pool)
end

-- What LuaSec is told about a connection: one that was made with other settings is another connection.
local TLS = {
  "alpn", "cafile", "capath", "certificate", "certificates", "ciphers", "ciphersuites", "curve", "curveslist", "dane",
  "depth", "dhparam", "key", "mode", "options", "password", "protocol", "verify", "verifyext",
}

-- A name for where a request goes; nil where that cannot be told.
local function place(request)
  local through = request.through or request
  local parts = { request.scheme, through.host, through.port, tostring(request.sni or "") }
  if request.scheme == "https" then
    for _, name in pairs(TLS) do
      local value = request[name]
      if type(value) == "function" or type(value) == "table" and type(value[1]) == "table" then return nil end
      if type(value) == "table" then value = concat(value, ",") end
      parts[#parts + 1] = tostring(value)
    end
  end
  return concat(parts, "\n")
end

-- The connections that are kept for such a request, the latest last.
local function kept(self, request)
  local name = place(request)
  if not name then return nil end
  local by_create = self.places[request.create or 0] or {}
  self.places[request.create or 0] = by_create
  by_create[name] = by_create[name] or {}
  return by_create[name]
end

-- Takes one that is still good: nothing has come since, not even its end.
function Pool:take(request)
  local list = kept(self, request)
  while list and list[1] do
    local last = remove(list)
    local fresh = socket.gettime() - last.kept_at < self.seconds
    if fresh and not socket.select({ last.c }, nil, 0)[last.c] then
      last.answered = false
      return last
    end
    last:close()
  end
  return nil
end

function Pool:put(request, connection)
  local list = kept(self, request)
  if not list then return connection:close() end
  connection.kept_at = socket.gettime()
  list[#list + 1] = connection
  if #list > self.size then remove(list, 1):close() end
end

-- Closes all that are kept. The pool can be used on.
function Pool:close()
  local places = self.places
  self.places = {}
  for _, by_create in pairs(places) do
    for _, list in pairs(by_create) do
      for _, connection in pairs(list) do connection:close() end
    end
  end
end

return pool
