-- ip: addresses, sockets, names.
local emilua, raw = ...
local error, next, throw, tonumber, type = error, next, raw.throw, tonumber, type
local EINVAL, ERANGE = raw.errno.EINVAL, raw.errno.ERANGE
local raising = raw.raising

local ip = { tcp = {}, udp = {} }

-- Addresses -----------------------------------------------------------------------

local half = raw.half(raw.address)
local properties = {}
for _, name in next, {
  "is_loopback", "is_multicast", "is_unspecified", "is_v4", "is_v6", "is_link_local", "is_multicast_global",
  "is_multicast_link_local", "is_multicast_node_local", "is_multicast_org_local", "is_multicast_site_local",
  "is_site_local", "is_v4_mapped", "scope_id",
} do
  properties[name] = raising(half[name], 1)
end
raw.class(raw.address, "ip.address", raw.methods(half, { to_v4 = 1, to_v6 = 1 }), properties)

local set_scope = raising(half.set_scope_id, 0)
function raw.address.__newindex(self, key, value)
  if key ~= "scope_id" then throw(8, "emilua.core") end
  set_scope(self, value)
end

local address = { new = raising(raw.address_new, 1) }
for name, text in next, {
  any_v4 = "0.0.0.0", any_v6 = "::", broadcast_v4 = "255.255.255.255", loopback_v4 = "127.0.0.1", loopback_v6 = "::1",
} do
  address[name] = function() return address.new(text) end
end
ip.address = address

ip.tostring = raising(raw.address_tostring, 1)

-- "127.0.0.1:80", "[::1]:80", "name:80": host and service, as texts.
local function split(text)
  if type(text) ~= "string" then throw(EINVAL, "generic", 1) end
  local host, service = text:match("^%[([^%]]*)%]:([^:]*)$")
  if not host then host, service = text:match("^([^:]*):([^:]*)$") end
  if not host then throw(EINVAL, "generic", 1) end
  return host, service
end

--- The address and the port that a text names.
function ip.toendpoint(text)
  local host, digits = split(text)
  local port = digits:match("^%d+$") and tonumber(digits)
  if not port or digits:find("^0.") then throw(EINVAL, "generic", 1) end
  if port > 65535 then throw(ERANGE, "generic", 1) end
  local named = address.new(host)
  -- Brackets are IPv6's.
  if named.is_v4 and text:find("^%[") then throw(EINVAL, "generic", 1) end
  return named, port
end

ip.host_name = raising(raw.host_name, 1)

-- Sockets -------------------------------------------------------------------------

-- Emilua's numbers are the system's; later versions take a list of names in their place.
ip.message_flag = { do_not_route = 4, end_of_record = 128, out_of_band = 1, peek = 2 }
ip.address_info_flag = {
  passive = 1, canonical_name = 2, numeric_host = 4, numeric_service = 1024, v4_mapped = 8, all_matching = 16,
  address_configured = 32,
}

local function number_of(flags, at)
  if flags == nil or type(flags) == "number" then return flags end
  if type(flags) ~= "table" then throw(EINVAL, "generic", at) end
  local sum, seen = 0, {}
  for _, name in next, flags do
    local flag = ip.message_flag[name]
    if not flag then throw(EINVAL, "generic", at) end
    if not seen[name] then sum = sum + flag end
    seen[name] = true
  end
  return sum
end

-- What all kinds of sockets have.
local common = { assign = 0, bind = 0, cancel = 0, close = 0, open = 0, release = 1, set_option = 0, wait = 0 }

local function class(metatable, name, results, properties, more)
  local of = raw.half(metatable)
  local methods = raw.methods(of, common)
  for method, count in next, results do methods[method] = raising(of[method], count) end
  function methods.get_option(self, option)
    local value, seconds, category, number = of.get_option(self, option)
    if value == nil then throw(seconds, category, number) end
    -- Of linger there are two.
    if seconds ~= nil then return value, seconds end
    return value
  end
  for method, f in next, more do methods[method] = f end
  local read = { is_open = of.is_open }
  for _, property in next, properties do read[property] = raising(of[property], 1) end
  raw.class(metatable, name, methods, read)
  return methods
end

local function flagged(call, at)
  local raised = raising(call, 1)
  if at == 2 then return function(self, a, flags) return raised(self, a, number_of(flags, 3)) end end
  return function(self, a, b, c, flags) return raised(self, a, b, c, number_of(flags, 5)) end
end

local of = raw.half(raw.tcp_socket)
local read, write = of.read, of.write
local read_again, write_again = raising(read, 1), raising(write, 1)

-- The two that everything goes through: nothing on the way that can be spared.
local function read_some(self, buffer)
  local count, code, category, number = read(self, buffer)
  if count then return count end
  if code == false then return read_again(self, buffer) end
  throw(code, category, number)
end

local function write_some(self, buffer)
  local count, code, category, number = write(self, buffer)
  if count then return count end
  if code == false then return write_again(self, buffer) end
  throw(code, category, number)
end

class(raw.tcp_socket, "ip.tcp.socket", { connect = 0, disconnect = 0, io_control = 1, shutdown = 0 },
  { "at_mark", "local_address", "local_port", "remote_address", "remote_port" }, {
    read_some = read_some, write_some = write_some,
    receive = flagged(read, 2), send = flagged(write, 2),
  })

class(raw.tcp_acceptor, "ip.tcp.acceptor", { accept = 1, listen = 0 }, { "local_address", "local_port" }, {})

of = raw.half(raw.udp_socket)
local receive_from = raising(of.receive_from, 3)
class(raw.udp_socket, "ip.udp.socket", { connect = 0, disconnect = 0, io_control = 1, shutdown = 0 },
  { "local_address", "local_port", "remote_address", "remote_port" }, {
    receive = flagged(of.receive, 2), send = flagged(of.send, 2), send_to = flagged(of.send_to, 4),
    receive_from = function(self, buffer, flags) return receive_from(self, buffer, number_of(flags, 3)) end,
  })

ip.tcp.socket = { new = raising(raw.tcp_new, 1) }
ip.tcp.acceptor = { new = raising(raw.acceptor_new, 1) }
ip.udp.socket = { new = raising(raw.udp_new, 1) }

-- Names ---------------------------------------------------------------------------

local lookup = raising(raw.lookup, 1)

-- SOCK_STREAM and SOCK_DGRAM.
for kind, socktype in next, { tcp = 1, udp = 2 } do
  for name, family in next, {
    get_address_info = false, get_address_v4_info = "v4", get_address_v6_info = "v6",
  } do
    ip[kind][name] = function(host, service, flags)
      return lookup(host, service, family or nil, socktype, flags)
    end
  end
end

--- Connects to the first of these that answers and that `condition` admits: its address and port.
function ip.connect(socket, list, condition)
  if type(list) ~= "table" then throw(EINVAL, "generic", 2) end
  local last
  for i = 1, #list do
    local found = list[i]
    if not condition or condition(last, found.address, found.port) then
      if socket.is_open then socket:close() end
      local ok, err = raw.names.pcall(socket.connect, socket, found.address, found.port)
      if ok then return found.address, found.port end
      if type(err) ~= "table" or err.category ~= emilua.error_category.system then error(err, 0) end
      if err.code == raw.errno.ECANCELED then error(err, 0) end
      last = err
    end
  end
  if last then error(last, 0) end
  throw(3, "asio.misc")
end

-- "host:service", or both; an address in the place of the host.
local function endpoint(host, service)
  if service == nil then return split(host) end
  return host, service
end

--- A socket connected to one of the addresses of a host and a service.
function ip.tcp.dial(host, service)
  local socket = ip.tcp.socket.new()
  ip.connect(socket, ip.tcp.get_address_info(endpoint(host, service)))
  return socket
end

--- A datagram socket with a peer.
function ip.udp.dial(host, service)
  local socket = ip.udp.socket.new()
  ip.connect(socket, ip.udp.get_address_info(endpoint(host, service)))
  return socket
end

--- An acceptor that listens at "host:port"; without a host everywhere.
function ip.tcp.listen(host, service)
  host, service = endpoint(host, service)
  local found = ip.tcp.get_address_info(host, service, ip.address_info_flag.passive)[1]
  local acceptor = ip.tcp.acceptor.new()
  acceptor:open(found.address)
  acceptor:set_option("reuse_address", true)
  acceptor:bind(found.address, found.port)
  acceptor:listen()
  return acceptor
end

emilua.ip = ip

-- Descriptors ---------------------------------------------------------------------

raw.class(raw.file_descriptor, "file_descriptor", raw.methods(raw.half(raw.file_descriptor), { close = 0, dup = 1 }), {})
