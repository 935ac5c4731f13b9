-- get_address_info.

local t, s = ...
local tcp = s.ip.tcp

s.case("numbers", function()
  local list = t.results(1, tcp.get_address_info("127.0.0.1", "80"))
  t.equal(#list, 1)
  t.equal(tostring(list[1].address), "127.0.0.1")
  t.equal(list[1].port, 80)
  t.equal(tcp.get_address_info("::1", 443)[1].port, 443)
  t.equal(tostring(tcp.get_address_info(s.ip.address.loopback_v6(), 443)[1].address), "::1")
end)

s.case("a name, while others run", function()
  local turns, over = 0, false
  local other = s.spawn(function()
    while not over do
      turns = turns + 1
      s.this_fiber.yield()
    end
  end)
  local list = tcp.get_address_v4_info("localhost", "80")
  over = true
  other:join()
  t.equal(tostring(list[1].address), "127.0.0.1")
  t.ok(turns > 0)
end)

s.case("IPv4 addresses as IPv6 ones", function()
  local flag = s.ip.address_info_flag
  local function mapped(host, flags) return tostring(tcp.get_address_v6_info(host, 80, flags)[1].address) end
  t.equal(mapped("127.0.0.1", flag.v4_mapped), "::ffff:127.0.0.1")
  t.equal(mapped("127.0.0.1", flag.v4_mapped + flag.all_matching), "::ffff:127.0.0.1")
  t.equal(mapped("::1", flag.v4_mapped + flag.numeric_host), "::1")
  t.raised(function() mapped("127.0.0.1") end)
  t.equal(tostring(tcp.get_address_info("127.0.0.1", 80, flag.address_configured)[1].address), "127.0.0.1")
end)

s.case("families and flags", function()
  for _, found in ipairs(tcp.get_address_v4_info("localhost", 1)) do t.equal(found.address.is_v4, true) end
  local passive = tcp.get_address_v4_info("", 80, s.ip.address_info_flag.passive)
  t.equal(tostring(passive[1].address), "0.0.0.0")
  t.raised(function() tcp.get_address_info("localhost", 1, s.ip.address_info_flag.numeric_host) end)
  t.equal(s.ip.udp.get_address_info("127.0.0.1", 9)[1].port, 9)
end)

s.case("errors", function()
  t.equal(s.raises("generic.EINVAL", function() tcp.get_address_info({}, 80) end).arg, 1)
  t.equal(s.raises("generic.EINVAL", function() tcp.get_address_info("localhost", {}) end).arg, 2)
  t.equal(s.raises("generic.EINVAL", function() tcp.get_address_info("a\0b", 80) end).arg, 1)
  t.equal(s.raises("generic.EINVAL", function() tcp.get_address_info("localhost", 70000) end).arg, 2)
  local err = t.raised(function() tcp.get_address_info("127.0.0.1", "no such service") end)
  t.equal(err.category.name, "asio.addrinfo")
  -- The resolver would take it modulo 65536.
  err = t.raised(function() tcp.get_address_info("127.0.0.1", "65616") end)
  t.equal(err.category.name, "asio.addrinfo")
end)
