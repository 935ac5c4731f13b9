-- socket_address: made, read and written.

local t, s = ...
local S = s.S

local function address(text, port, family)
  return t.ok(t.results(1, S.socket_address(S[family or "AF_INET"], text, port)))
end

t.case("read back through every property", function()
  local a = address("127.0.0.1", 8080)
  t.equal(a.family, S.AF_INET)
  t.equal(a.port, 8080)
  t.equal(a.addr_u32, 2130706433)
  t.equal(a.addr_buf, "\127\0\0\1")
  t.equal(table.concat(a.addr_bytes, " "), "127 0 0 1")
  t.equal(a.addr_string, "127.0.0.1")
  t.equal(a.full_addr_string, "127.0.0.1:8080")
  t.equal(tostring(a), a.full_addr_string)
end)

t.case("the same of IPv6", function()
  local a = address("::1", 80, "AF_INET6")
  t.equal(a.family, S.AF_INET6)
  t.equal(a.addr_u32, nil)
  t.equal(a.addr_buf, ("\0"):rep(15) .. "\1")
  t.equal(table.concat(a.addr_bytes), ("0"):rep(15) .. "1")
  t.equal(a.addr_string, "::1")
  t.equal(a.full_addr_string, "[::1]:80")
  t.equal(tostring(a), "[::1]:80")
end)

t.case("the port is 0 unless it is given", function()
  t.equal(address("1.2.3.4").port, 0)
  t.equal(S.socket_address_frombytes(S.AF_INET, "\1\2\3\4").port, 0)
end)

t.case("from bytes, of which there must be the right number", function()
  local a = t.ok(t.results(1, S.socket_address_frombytes(S.AF_INET, "\192\168\255\1", 7)))
  t.equal(a.full_addr_string, "192.168.255.1:7")
  t.equal(a.addr_u32, 3232300801)
  t.equal(a.addr_bytes[1], 192)
  local b = t.ok(S.socket_address_frombytes(S.AF_INET6, ("\255"):rep(16), 65535))
  t.equal(b.full_addr_string, "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535")
  for _, size in ipairs({ 0, 3, 5, 15, 16, 17 }) do
    t.fails_like("address", S.socket_address_frombytes(S.AF_INET, ("x"):rep(size)))
  end
  for _, size in ipairs({ 0, 4, 15, 17 }) do
    t.fails_like("address", S.socket_address_frombytes(S.AF_INET6, ("x"):rep(size)))
  end
  t.fails_like("", S.socket_address_frombytes(S.AF_UNIX, "\1\2\3\4"))
  t.raises_like(function() S.socket_address_frombytes(S.AF_INET) end, "string expected")
end)

t.case("texts that are no address", function()
  for _, text in ipairs({ "", "junk", "1.2.3", "1.2.3.256", "1.2.3.4 ", "1.2.3.4\0", "::1", "localhost", "127.1" }) do
    t.fails_like("address", S.socket_address(S.AF_INET, text, 1))
  end
  for _, text in ipairs({ "", "junk", "1.2.3.4", ":::", "::1%no such interface", "::1\0" }) do
    t.fails_like("address", S.socket_address(S.AF_INET6, text, 1))
  end
  for _, family in ipairs({ S.AF_UNIX, S.AF_IPX, S.AF_UNSPEC, 77, -1, 2 ^ 40 }) do
    t.fails_like("", S.socket_address(family, "127.0.0.1", 1))
  end
  for _, port in ipairs({ -1, 65536, 1.5, 0 / 0, math.huge }) do
    t.raises_like(function() S.socket_address(S.AF_INET, "127.0.0.1", port) end, "65535")
  end
end)

t.case("family is fixed, and there are no other properties", function()
  local a = address("127.0.0.1", 1)
  t.raises_like(function() a.family = S.AF_INET6 end, "read-only")
  t.equal(a.family, S.AF_INET)
  t.raises_like(function() a.color = "red" end, "no such property")
  t.equal(a.color, nil)
  t.equal(a[1], nil)
end)

t.case("port, written", function()
  local a = address("127.0.0.1", 1)
  a.port = 65535
  t.equal(a.port, 65535)
  t.equal(a.full_addr_string, "127.0.0.1:65535")
  for _, bad in ipairs({ -1, 65536, 1.5, "x", {}, 0 / 0, true }) do
    t.raises_like(function() a.port = bad end, "port: 0 to 65535")
  end
  t.raises_like(function() a.port = nil end, "port: 0 to 65535")
  t.equal(a.port, 65535)
end)

t.case("addr_u32, written", function()
  local a = address("127.0.0.1", 9)
  a.addr_u32 = 4294967295
  t.equal(a.full_addr_string, "255.255.255.255:9")
  t.equal(a.addr_u32, 4294967295)
  a.addr_u32 = 3232300801
  t.equal(a.addr_string, "192.168.255.1")
  a.addr_u32 = 0
  t.equal(table.concat(a.addr_bytes, "."), "0.0.0.0")
  for _, bad in ipairs({ -1, 4294967296, 0.5, "x", {}, 0 / 0 }) do
    t.raises_like(function() a.addr_u32 = bad end, "addr_u32")
  end
  t.raises_like(function() address("::1", 1, "AF_INET6").addr_u32 = 1 end, "addr_u32")
end)

t.case("addr_buf, written", function()
  local a, b = address("127.0.0.1", 9), address("::1", 9, "AF_INET6")
  a.addr_buf = "\10\0\0\200"
  t.equal(a.full_addr_string, "10.0.0.200:9")
  b.addr_buf = ("\32\1"):rep(8)
  t.equal(b.addr_string, "2001:2001:2001:2001:2001:2001:2001:2001")
  t.raises_like(function() a.addr_buf = ("x"):rep(16) end, "addr_buf")
  t.raises_like(function() b.addr_buf = "xxxx" end, "addr_buf")
  for _, bad in ipairs({ "", "xxx", 5, {}, true }) do
    t.raises_like(function() a.addr_buf = bad end, "addr_buf")
  end
  t.equal(a.addr_string, "10.0.0.200")
end)

t.case("addr_bytes, written", function()
  local a, b = address("127.0.0.1", 9), address("::1", 9, "AF_INET6")
  a.addr_bytes = { 192, 168, 255, 1 }
  t.equal(a.addr_u32, 3232300801)
  b.addr_bytes = { 254, 128, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255 }
  t.equal(b.addr_string, "fe80::ff")
  for _, bad in ipairs({ {}, { 1, 2, 3 }, { 1, 2, 3, 4, 5 }, { 1, 2, 3, 256 }, { 1, 2, 3, -1 }, { 1, 2, 3, "x" },
    { 1, 2, 3, 0.5 }, "xxxx", 4, true }) do
    t.raises_like(function() a.addr_bytes = bad end, "addr_bytes")
  end
  t.raises_like(function() a.addr_bytes = b.addr_bytes end, "addr_bytes")
  t.equal(a.addr_string, "192.168.255.1")
  -- A copy, not the address itself.
  a.addr_bytes[1] = 1
  t.equal(a.addr_string, "192.168.255.1")
end)

t.case("addr_string, written", function()
  local a, b = address("127.0.0.1", 9), address("::1", 9, "AF_INET6")
  a.addr_string = "8.8.4.4"
  t.equal(a.full_addr_string, "8.8.4.4:9")
  t.equal(a.addr_buf, "\8\8\4\4")
  b.addr_string = "2001:db8::7"
  t.equal(b.full_addr_string, "[2001:db8::7]:9")
  for _, bad in ipairs({ "", "junk", "::1", "1.2.3.4:5", 5, {} }) do
    t.raises_like(function() a.addr_string = bad end, "addr_string")
  end
  t.equal(a.addr_string, "8.8.4.4")
  t.raises_like(function() b.addr_string = "1.2.3.4" end, "addr_string")
end)

t.case("an address bound to an interface", function()
  local a, err = S.socket_address(S.AF_INET6, "fe80::1%lo", 5)
  if not a then t.skip("no interface lo here: " .. err) end
  t.equal(a.addr_string, "fe80::1%lo")
  t.equal(a.full_addr_string, "[fe80::1%lo]:5")
  a.addr_string = "fe80::2%lo"
  t.equal(a.addr_string, "fe80::2%lo")
  t.equal(a.port, 5)
  a.full_addr_string = "[fe80::3%lo]:6"
  t.equal(tostring(a), "[fe80::3%lo]:6")
  t.equal(a.port, 6)
end)

t.case("full_addr_string, written", function()
  local a, b = address("127.0.0.1", 9), address("::1", 9, "AF_INET6")
  a.full_addr_string = "1.2.3.4:65535"
  t.equal(a.port, 65535)
  t.equal(a.addr_string, "1.2.3.4")
  b.full_addr_string = "[fe80::9]:1"
  t.equal(b.port, 1)
  t.equal(b.addr_string, "fe80::9")
  for _, bad in ipairs({ "", "1.2.3.4", "1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:-1", "[::1]:80", "x:1", 5, {} }) do
    t.raises_like(function() a.full_addr_string = bad end, "full_addr_string")
  end
  t.raises_like(function() b.full_addr_string = "1.2.3.4:5" end, "full_addr_string")
  t.equal(tostring(a), "1.2.3.4:65535")
end)

t.case("compared by address, then port", function()
  local a, b, c = address("10.0.0.1", 5), address("10.0.0.1", 6), address("10.0.0.2", 1)
  t.ok(a == address("10.0.0.1", 5))
  t.ok(a ~= b)
  t.ok(a < b and b < c and a < c and not (b < a))
  t.ok(a <= a and a <= b and not (c <= b) and c >= b and c > a)
  t.ok(a ~= address("::1", 5, "AF_INET6"))
  t.raises_like(function() return a < 1 end, "")
end)

t.case("an address is no other kind of object", function()
  local a = address("10.0.0.1", 5)
  for _, other in ipairs({ t.ok(S.socket_tcp()), io.stdout, require("nixio").socket("inet", "stream"), {}, 5 }) do
    t.ok(a ~= other)
    t.ok(other ~= a)
  end
end)

t.case("addresses of other families show their family alone", function()
  local module = require("moonsocket")
  local path = os.tmpname()
  os.remove(path)
  local server = t.ok(require("osn").serve({ usock = path }))
  local client = t.ok(S.socket(S.AF_UNIX, S.SOCK_STREAM, 0))
  -- No address of this dialect reaches it: it is told by a peer only.
  local a = t.ok(client:getsockname())
  server:close()
  os.remove(path)
  t.equal(a.family, S.AF_UNIX)
  t.equal(tostring(a), "-")
  for _, name in ipairs({ "port", "addr_u32", "addr_buf", "addr_bytes", "addr_string", "full_addr_string" }) do
    t.equal(a[name], nil, name)
    t.raises_like(function() a[name] = 1 end, "")
  end
  t.equal(module.sgssockets, S)
end)
