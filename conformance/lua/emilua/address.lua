-- ip.address, ip.tostring, ip.toendpoint.

local t, s = ...
local ip = s.ip
local new = ip.address.new

t.case("new and tostring", function()
  for _, text in ipairs({ "1.2.3.4", "::1", "fe80::1:2", "255.255.255.255", "::ffff:1.2.3.4" }) do
    t.equal(tostring(new(text)), text)
  end
  t.equal(tostring(new()), "0.0.0.0")
  t.equal(getmetatable(new()), "ip.address")
  for _, junk in ipairs({ "", "1.2.3", "1.2.3.4.5", "x", "::g", "1.2.3.4 ", "localhost" }) do
    s.raises("EINVAL", function() new(junk) end)
  end
  s.blames(1, function() new({}) end)
end)

t.case("the well-known ones", function()
  for name, text in pairs({
    any_v4 = "0.0.0.0", any_v6 = "::", loopback_v4 = "127.0.0.1", loopback_v6 = "::1", broadcast_v4 = "255.255.255.255",
  }) do
    t.equal(tostring(ip.address[name]()), text)
  end
end)

t.case("what it is", function()
  for text, is in pairs({
    ["127.0.0.1"] = "is_loopback is_v4", ["::1"] = "is_loopback is_v6", ["224.0.0.1"] = "is_multicast is_v4",
    ["ff02::1"] = "is_multicast is_v6", ["0.0.0.0"] = "is_unspecified is_v4", ["::"] = "is_unspecified is_v6",
  }) do
    local got = {}
    for _, name in ipairs({ "is_loopback", "is_multicast", "is_unspecified", "is_v4", "is_v6" }) do
      if new(text)[name] then got[#got + 1] = name end
    end
    t.equal(table.concat(got, " "), is, text)
  end
end)

t.case("what an IPv6 address is besides", function()
  for text, is in pairs({
    ["fe80::1"] = "is_link_local", ["fec0::1"] = "is_site_local", ["::ffff:1.2.3.4"] = "is_v4_mapped",
    ["ff0e::1"] = "is_multicast_global", ["ff02::1"] = "is_multicast_link_local", ["ff01::1"] = "is_multicast_node_local",
    ["ff08::1"] = "is_multicast_org_local", ["ff05::1"] = "is_multicast_site_local",
  }) do
    for _, name in ipairs({
      "is_link_local", "is_site_local", "is_v4_mapped", "is_multicast_global", "is_multicast_link_local",
      "is_multicast_node_local", "is_multicast_org_local", "is_multicast_site_local",
    }) do
      t.equal(new(text)[name], name == is, text .. " " .. name)
      s.blames(1, function() return new("1.2.3.4")[name] end)
    end
  end
end)

t.case("scope_id", function()
  local address = new("fe80::1")
  t.equal(address.scope_id, 0)
  address.scope_id = 1
  t.equal(address.scope_id, 1)
  t.equal(tostring(address), "fe80::1%lo")
  t.equal(ip.tostring(address, 80), "[fe80::1%lo]:80")
  t.equal(new("fe80::1%lo").scope_id, 1)
  t.equal(new("fe80::1%7").scope_id, 7)
  s.blames(1, function() new("1.2.3.4").scope_id = 1 end)
  s.blames(1, function() return new("1.2.3.4").scope_id end)
  s.raises("core.bad_index", function() address.nothing = 1 end)
  s.raises("core.bad_index", function() return address.nothing end)
end)

t.case("to_v4 and to_v6", function()
  t.equal(tostring(new("1.2.3.4"):to_v6()), "::ffff:1.2.3.4")
  t.equal(tostring(new("::ffff:1.2.3.4"):to_v4()), "1.2.3.4")
  t.ok(new("::1"):to_v6() == new("::1"))
  t.ok(new("1.2.3.4"):to_v4() == new("1.2.3.4"))
  s.raises("generic.EINVAL", function() new("::1"):to_v4() end)
end)

t.case("order", function()
  t.ok(new("1.2.3.4") == new("1.2.3.4"))
  t.ok(new("1.2.3.4") ~= new("1.2.3.5"))
  t.ok(new("1.2.3.4") < new("1.2.3.5"))
  t.ok(new("9.9.9.9") < new("::1"))
  t.ok(new("1.2.3.4") <= new("1.2.3.4"))
  t.ok(not (new("::2") <= new("::1")))
  t.raised(function() return new() < 5 end)
end)

t.case("endpoints", function()
  t.equal(ip.tostring(new("1.2.3.4")), "1.2.3.4")
  t.equal(ip.tostring(new("1.2.3.4"), 80), "1.2.3.4:80")
  t.equal(ip.tostring(new("::1"), 80), "[::1]:80")
  local address, port = t.results(2, ip.toendpoint("[::1]:8080"))
  t.ok(address == new("::1"))
  t.equal(port, 8080)
  address, port = ip.toendpoint("1.2.3.4:0")
  t.ok(address == new("1.2.3.4"))
  t.equal(port, 0)
  for _, junk in ipairs({ "1.2.3.4", "1.2.3.4:", "1.2.3.4:x", "1.2.3.4:65536", "::1:80", "[::1]", "host:80", 5 }) do
    t.raised(function() ip.toendpoint(junk) end)
  end
  t.equal(type(ip.host_name()), "string")
end)

t.case("endpoints in other forms than addresses have", function()
  for _, junk in ipairs({ "[1.2.3.4]:80", "1.2.3.4:080", "1.2.3.4:00", "1.2.3.4:", "1.2.3.4:+1", "1.2.3.4:1 " }) do
    s.blames(1, function() return ip.toendpoint(junk) end)
  end
  for _, port in ipairs({ "65536", "99999999999999999999" }) do
    t.equal(s.raises("generic.ERANGE", function() return ip.toendpoint("1.2.3.4:" .. port) end).arg, 1)
  end
end)
