-- Lines, counts and prefixes that meet the borders of any plausible read buffer.

local t, s = ...

local sizes = { 1024, 4096, 8192, 16384, 32768, 65536, 131072 }

for _, size in ipairs(sizes) do
  t.case("lines around " .. size .. " bytes", function()
    local lines = {}
    for n = size - 2, size + 2 do lines[#lines + 1] = ("ab"):rep(size):sub(1, n) end
    local c, peer = s.pair()
    for _, ending in ipairs({ "\n", "\r\n", "\r\r\n" }) do
      for _, line in ipairs(lines) do
        peer:send(line .. ending .. "!")
        t.gives(line, nil, nil)(c:receive())
        t.gives("!", nil, nil)(c:receive(1))
      end
    end
  end)

  t.case("counts around " .. size .. " bytes", function()
    local c, peer = s.pair()
    for n = size - 2, size + 2 do
      local data = s.noise(n)
      peer:send(data .. "|tail\n")
      t.gives(data, nil, nil)(c:receive(n))
      t.gives("|tail", nil, nil)(c:receive())
    end
  end)

  t.case("a CR as the last byte before " .. size, function()
    local head = ("z"):rep(size - 1)
    local c = s.given(head .. "\r\nnext\r\n")
    t.gives(head, nil, nil)(c:receive())
    t.gives("next", nil, nil)(c:receive())
  end)

  t.case("an LF as the first byte after " .. size, function()
    local head = ("z"):rep(size)
    local c = s.given(head .. "\nnext\n")
    t.gives(head, nil, nil)(c:receive())
    t.gives("next", nil, nil)(c:receive())
  end)
end

t.case("short lines of every length across the borders", function()
  local c, peer = s.pair()
  for first = 0, 1960, 40 do
    local lines = {}
    for n = first, first + 39 do lines[#lines + 1] = ("x"):rep(n) .. "\r\n" end
    peer:send(table.concat(lines))
    for n = first, first + 39 do t.gives(("x"):rep(n), nil, nil)(c:receive()) end
  end
end)

t.case("counts of every length across the borders", function()
  local c, peer = s.pair()
  for first = 1, 1961, 40 do
    local data, at = s.noise(40 * first + 780), 1
    peer:send(data)
    for n = first, first + 39 do
      t.gives(data:sub(at, at + n - 1), nil, nil)(c:receive(n))
      at = at + n
    end
  end
  t.equal(c:dirty(), false)
end)

t.case("stray CRs across the borders", function()
  -- Every byte position modulo small numbers is a CR somewhere.
  local raw, clean = {}, {}
  for i = 1, 30000 do
    raw[i] = (i % 7 == 0 or i % 11 == 0) and "\r" or ("abcdefghij"):sub(i % 10 + 1, i % 10 + 1)
    clean[i] = raw[i] == "\r" and "" or raw[i]
  end
  local c = s.given(table.concat(raw) .. "\nafter\n")
  t.gives(table.concat(clean), nil, nil)(c:receive())
  t.gives("after", nil, nil)(c:receive())
end)

t.case("a count that begins in the buffer and ends far beyond it", function()
  local data = s.noise(300000)
  local c, peer = s.serve([[
    local socket = require("socket")
    local n = tonumber(assert(c:receive()))
    local data = assert(c:receive(n))
    assert(c:send("head\n" .. data .. "tail\n"))
    c:close()
  ]])
  c:send(#data .. "\n" .. data)
  t.gives("head", nil, nil)(c:receive())
  t.gives(data, nil, nil)(c:receive(#data))
  t.gives("tail", nil, nil)(c:receive())
  t.gives(nil, "closed", "")(c:receive())
  t.equal(peer:finish(), "")
end)

t.case("everything after a line that filled the buffer", function()
  local rest = s.noise(50000)
  local c = s.given(("q"):rep(8191) .. "\n" .. rest)
  t.gives(("q"):rep(8191), nil, nil)(c:receive())
  t.gives(rest, nil, nil)(c:receive("*a"))
end)

t.case("a prefix and data that meet at a border", function()
  for _, n in ipairs({ 8190, 8191, 8192, 8193 }) do
    local prefix = ("p"):rep(n)
    local c = s.given("ab\ncd")
    t.gives(prefix .. "ab", nil, nil)(c:receive("*l", prefix))
    t.gives(prefix .. "c", nil, nil)(c:receive(n + 1, prefix))
    t.gives(prefix .. "d", nil, nil)(c:receive("*a", prefix))
  end
end)
