-- getifaddrs.

local t, s = ...
local nixio = s.nixio

local function entry(family, wanted)
  for _, each in ipairs(t.results(1, nixio.getifaddrs())) do
    if each.family == family and wanted(each) then return each end
  end
  t.skip("no such interface here")
end

local function loopback(each) return each.flags.loopback end

t.case("getifaddrs: the loopback's IPv4 address", function()
  local lo = entry("inet", function(each) return each.addr == "127.0.0.1" end)
  t.equal(type(lo.name), "string")
  t.equal(lo.netmask, "255.0.0.0")
  t.equal(lo.prefix, 8)
  t.equal(lo.ifindex, nil)
  t.equal(next(lo.data), nil)
  for flag, set in pairs({ up = true, loopback = true, broadcast = false, pointtopoint = false, promisc = false }) do
    t.equal(lo.flags[flag], set, flag)
  end
  for _, flag in ipairs({ "noarp", "multicast" }) do t.equal(lo.flags[flag], false, flag) end
end)

t.case("getifaddrs: the loopback's IPv6 address", function()
  local lo = entry("inet6", loopback)
  t.equal(lo.addr, "::1")
  t.equal(lo.netmask, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
  t.equal(lo.prefix, 128)
  t.equal(lo.broadaddr, nil)
end)

t.case("getifaddrs: a broadcast address has two names", function()
  local ether = entry("inet", function(each) return each.flags.broadcast and each.broadaddr end)
  t.equal(ether.dstaddr, ether.broadaddr)
end)

-- The interfaces by name and number, as the system's files have them.
local function interfaces()
  local names = t.shell("cd /sys/class/net && for i in *; do [ -e $i/ifindex ] && echo $i $(cat $i/ifindex); done")
  local list = {}
  for line in names:gmatch("[^\n]+") do list[#list + 1] = line end
  table.sort(list)
  return table.concat(list, ", ")
end

t.case("getifaddrs: every interface, with every address", function()
  local links, v6 = {}, 0
  for _, each in ipairs(t.results(1, nixio.getifaddrs())) do
    if each.family == "packet" then
      links[#links + 1] = each.name .. " " .. each.ifindex
    elseif each.family == "inet6" then
      v6 = v6 + 1
      t.ok(each.addr:find(":", 1, true), each.addr)
    else
      t.equal(each.family, "inet")
      t.ok(each.addr:find("^%d+%.%d+%.%d+%.%d+$"), each.addr)
    end
  end
  if t.shell("ls -d /sys/class/net 2>&-") == "" then t.skip("no /sys here") end
  table.sort(links)
  t.equal(table.concat(links, ", "), interfaces())
  t.equal(v6, select(2, t.shell("cat /proc/net/if_inet6"):gsub("\n", "")))
end)

t.case("getifaddrs: what an interface is and has transferred", function()
  local lo = entry("packet", loopback)
  t.equal(lo.addr, "00:00:00:00:00:00")
  t.equal(lo.broadaddr, "00:00:00:00:00:00")
  t.equal(lo.hatype, 772) -- ARPHRD_LOOPBACK
  t.ok(lo.ifindex >= 1)
  t.equal(lo.prefix, nil)

  local names = { "rx_packets", "tx_packets", "rx_bytes", "tx_bytes", "rx_errors", "tx_errors", "rx_dropped", "tx_dropped" }
  for _, name in ipairs(names) do t.equal(type(lo.data[name]), "number", name) end
  for _, name in ipairs({ "multicast", "collisions" }) do t.equal(lo.data[name], 0, name) end
  if math.type and s.ours then t.equal(math.type(lo.data.rx_bytes), "integer") end

  -- What it sends it receives. Counts of 32 bits may begin anew between the two.
  local receiver, port = s.datagram()
  local sender = t.ok(nixio.socket("inet", "dgram"))
  t.gives(1000)(sender:sendto(("x"):rep(1000), "127.0.0.1", port))
  t.equal(#receiver:recv(2000), 1000)
  local after = entry("packet", loopback).data
  for name, least in pairs({ rx_packets = 1, tx_packets = 1, rx_bytes = 1000, tx_bytes = 1000 }) do
    local more = (after[name] - lo.data[name]) % 2 ^ 32
    if more < least or more > 2 ^ 31 then t.fail(name .. " grew by " .. more) end
  end
end)
