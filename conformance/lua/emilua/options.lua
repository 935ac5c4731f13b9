-- Each option of each kind of socket.

local t, s = ...
local ip = s.ip

local function opened(kind, family)
  local socket = (kind == "acceptor" and ip.tcp.acceptor or kind == "udp" and ip.udp.socket or ip.tcp.socket).new()
  socket:open(family or "v4")
  return socket
end

local FLAGS = {
  tcp = { "tcp_no_delay", "keep_alive", "out_of_band_inline", "do_not_route" },
  acceptor = { "reuse_address", "enable_connection_aborted" },
  udp = { "broadcast", "do_not_route", "reuse_address", "multicast_loop" },
}

for kind, names in pairs(FLAGS) do
  t.case_for(names, "a flag, on and off, " .. kind, function(name)
    local socket = opened(kind)
    for _, value in ipairs({ true, false, true }) do
      t.results(0, socket:set_option(name, value))
      t.equal(t.results(1, socket:get_option(name)), value)
    end
    t.raises_like(function() socket:set_option(name, 1) end, "boolean expected")
    t.raises_like(function() socket:set_option(name) end, "boolean expected")
    socket:close()
  end)
end

t.case_for({ "tcp", "udp" }, "buffer sizes read back as they were set", function(kind)
  local socket = opened(kind)
  for _, name in ipairs({ "send_buffer_size", "receive_buffer_size" }) do
    socket:set_option(name, 20000)
    t.equal(socket:get_option(name), 20000)
    t.raises_like(function() socket:set_option(name, "20000") end, "number expected")
  end
  socket:close()
end)

t.case("watermarks", function()
  local socket = opened("tcp")
  socket:set_option("receive_low_watermark", 7)
  t.equal(socket:get_option("receive_low_watermark"), 7)
  t.equal(socket:get_option("send_low_watermark"), 1)
  s.raises("ENOPROTOOPT", function() socket:set_option("send_low_watermark", 2) end)
  socket:close()
end)

t.case("linger has two values", function()
  local socket = opened("tcp")
  t.gives(false, 0)(socket:get_option("linger"))
  t.results(0, socket:set_option("linger", true, 3))
  t.gives(true, 3)(socket:get_option("linger"))
  socket:set_option("linger", false, 3)
  t.equal((socket:get_option("linger")), false)
  t.raises_like(function() socket:set_option("linger", true) end, "number expected")
  socket:close()
end)

t.case("debug needs a privilege to be switched on", function()
  local socket = opened("tcp")
  t.equal(socket:get_option("debug"), false)
  socket:set_option("debug", false)
  local ok, err = pcall(socket.set_option, socket, "debug", true)
  if not ok then t.equal(err.code, s.emilua.generic_error.EACCES.code) end
  socket:close()
end)

t.case_for({ "tcp", "acceptor", "udp" }, "v6_only is for IPv6", function(kind)
  local socket = opened(kind, "v6")
  for _, value in ipairs({ true, false }) do
    socket:set_option("v6_only", value)
    t.equal(socket:get_option("v6_only"), value)
  end
  socket:close()
  local v4 = opened(kind)
  t.raised(function() v4:set_option("v6_only", true) end)
  v4:close()
end)

t.case_for({ "v4", "v6" }, "hops and groups", function(family)
  local socket = opened("udp", family)
  for _, name in ipairs({ "unicast_hops", "multicast_hops" }) do
    socket:set_option(name, 9)
    t.equal(socket:get_option(name), 9)
  end
  if family == "v4" then
    socket:set_option("multicast_interface", "127.0.0.1")
    socket:set_option("join_multicast_group", "239.1.2.3", "127.0.0.1")
    socket:set_option("leave_multicast_group", ip.address.new("239.1.2.3"), "127.0.0.1")
  end
  s.raises("generic.EINVAL", function() socket:set_option("join_multicast_group", "junk") end)
  socket:close()
end)

t.case("other names are not supported", function()
  for _, kind in ipairs({ "tcp", "acceptor", "udp" }) do
    local socket = opened(kind)
    s.raises("generic.ENOTSUP", function() socket:set_option("nothing", true) end)
    s.raises("generic.ENOTSUP", function() return socket:get_option("nothing") end)
    s.blames(2, function() socket:set_option() end)
    s.blames(2, function() return socket:get_option(1) end)
    socket:close()
  end
  local acceptor = opened("acceptor")
  s.raises("generic.ENOTSUP", function() acceptor:set_option("tcp_no_delay", true) end)
  acceptor:close()
end)
