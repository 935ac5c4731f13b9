-- mime and socket.url against the LuaSocket that is installed: the same random texts to both, and the same results wanted.
-- What differs on purpose is left out, by name, in reference/mime.lua and reference/url.lua. FUZZ_SEEDS takes more seeds.

local t = ...

local folder = t.dir .. "/luahalf/reference"
local line = dofile(folder .. "/line.lua")
local seeds = tonumber(os.getenv("FUZZ_SEEDS")) or 1

-- The installed library's answers, read line by line.
local function original(topic, seed, count)
  local words = { t.interpreter(), folder .. "/answers.lua", folder, topic, seed, count }
  for i, word in ipairs(words) do words[i] = t.quote(word) end
  local clean = "unset LUA_PATH LUA_CPATH LUA_PATH_5_2 LUA_CPATH_5_2 LUA_PATH_5_3 LUA_CPATH_5_3 LUA_PATH_5_4 LUA_CPATH_5_4; "
  local pipe = assert(io.popen(clean .. "exec " .. table.concat(words, " ") .. " 2>&1", "r"))
  local version = pipe:read("*l") or ""
  if not version:find("^LuaSocket") or version:find("moonsocket") then
    pipe:close()
    t.skip("no LuaSocket for this interpreter: " .. version)
  end
  return pipe
end

local function compare(topic, library, seed, count)
  local theirs, calls = original(topic, seed, count), 0
  local random = dofile(folder .. "/random.lua")(seed)
  local differences = {}
  dofile(folder .. "/" .. topic .. ".lua")(library, random, count, function(...)
    calls = calls + 1
    local ours, other = line(...), theirs:read("*l")
    if ours ~= other and #differences < 10 then
      differences[#differences + 1] = "ours:   " .. ours .. "\ntheirs: " .. tostring(other)
    end
  end)
  local rest = theirs:read("*l")
  theirs:close()
  if #differences > 0 or rest then t.fail(table.concat(differences, "\n") .. "\n" .. (rest or ""), 2) end
  t.near(calls, count, math.huge, "calls")
end

local function hex(text)
  return (text:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end))
end

local function unhex(text)
  return (text:gsub("%x%x", function(digits) return string.char(tonumber(digits, 16)) end))
end

-- Decodes what we encoded, and encodes the data itself: both in hexadecimal digits.
local PYTHON = [[
import sys, re, base64, binascii
for line in open(sys.argv[1]):
    code, data, encoded = line.rstrip("\n").split(" ")
    data, encoded = bytes.fromhex(data), bytes.fromhex(encoded)
    if code == "base64":
        decoded, other = base64.b64decode(encoded), base64.encodebytes(data)
    else:
        decoded = binascii.a2b_qp(encoded)
        other = re.sub(b"\r?\n", b"\r\n", binascii.b2a_qp(data, istext=False))
    print(decoded.hex(), other.hex(), end=".\n")
]]

-- All that a filter makes of these chunks.
local function through(filter, chunks)
  local out = {}
  for _, chunk in ipairs(chunks) do out[#out + 1] = filter(chunk) end
  local rest = filter(nil)
  while rest do
    out[#out + 1] = rest
    rest = filter(nil)
  end
  return table.concat(out)
end

local function second_opinion(mime, random, count)
  if t.shell("command -v python3") == "" then t.skip("no python3") end
  local asked, datas = {}, {}
  for i = 1, count do
    local code = random.pick({ "base64", "quoted-printable" })
    local data = random.text({ "?", "word", " ", "\t", "=", ".", "\r", "\n", "\r\n" }, 100)
    local encoded = through(mime.encode(code, "binary"), random.chunks(data))
    encoded = through(mime.wrap(code), random.chunks(encoded))
    asked[i] = code .. " " .. hex(data) .. " " .. hex(encoded) .. "\n"
    datas[i] = { code, data }
  end
  local script, input = t.scratch(PYTHON), t.scratch(table.concat(asked))
  local index = 0
  for decoded, other in t.shell("python3 " .. script .. " " .. input):gmatch("(%x*) (%x*)%.\n") do
    index = index + 1
    local code, data = datas[index][1], datas[index][2]
    t.equal(unhex(decoded), data, "Python's reading of " .. code)
    t.equal(through(mime.decode(code), random.chunks(unhex(other))), data, "our reading of Python's " .. code)
  end
  t.equal(index, count, "answers of Python")
end

t.case("what we encode Python decodes, and the reverse", function()
  second_opinion(require("mime"), dofile(folder .. "/random.lua")(1), 500 * seeds)
end)

for seed = 1, seeds do
  t.case("mime's filters in any pieces, seed " .. seed, function() compare("mime", require("mime"), seed, 1500) end)
  t.case("any URLs, seed " .. seed, function() compare("url", require("socket.url"), seed, 4000) end)
end
