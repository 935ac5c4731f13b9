-- What a mime makes of texts, in every split of short ones and in random chunks of long ones.

local PIECES = {
  b64 = { "?", "a", "\0", "\r\n" },
  unb64 = { "A", "Q", "z", "+", "/", "=", "\n", "?" },
  qp = { "?", " ", "\t", "\r", "\n", "\r\n", "=", "a", "." },
  unqp = { "=", "=4", "=3D", "=c3", "D", "\r\n", "=\r\n", "\n", " ", "?" },
  wrp = { "a", "bcd", "\r", "\n", "\r\n", "?" },
  qpwrp = { "a", "bcd", "=", "=3D", "=\r\n", "\r\n", "\n", "?" },
  eol = { "\r", "\n", "\r\n", "a", "?" },
  dot = { ".", "\r", "\n", "\r\n", "\r\n.", "a", "?" },
}

local FILTERS = { "b64", "unb64", "qp", "unqp", "wrp", "qpwrp", "eol", "dot" }

-- Where a whole text is one of these, the original loses data: oracle_core.lua has a case for each.
local EXCUSED = {
  unqp = function(text) return text:find("=00") or (text .. "."):find("\r[^\n]") end,
}

-- What is told the filter besides the text, and what it begins with.
local function settings(random, name)
  if name == "qp" then return "", random.pick({ "\r\n", "=0D=0A", "", "MK" }) end
  if name == "wrp" or name == "qpwrp" then
    local length = 4 + random.below(12)
    return random.pick({ length, random.below(length + 1) }), length
  end
  if name == "eol" then return random.pick({ 0, 0, 13, 10 }), random.pick({ "\r\n", "\n", "", "xyz" }) end
  if name == "dot" then return random.below(3) end
  return ""
end

-- The number without the ".0" that a float has in Lua 5.3.
local function whole(context) return type(context) == "number" and ("%d"):format(context) or tostring(context) end

local function run(mime, tell, name, chunks, context, extra)
  local out = {}
  for i = 1, #chunks + 1 do
    local piece
    if context == nil then context = "" end
    piece, context = mime[name](context, chunks[i], extra)
    out[#out + 1] = tostring(piece) .. "|" .. whole(context)
  end
  tell(name .. " " .. tostring(extra), table.concat(chunks, "|"), table.concat(out, "|"))
end

local function every_split(text, use)
  for mask = 0, 2 ^ math.max(#text - 1, 0) - 1 do
    local chunks, from = {}, 1
    for at = 1, #text - 1 do
      if math.floor(mask / 2 ^ (at - 1)) % 2 == 1 then
        chunks[#chunks + 1] = text:sub(from, at)
        from = at + 1
      end
    end
    chunks[#chunks + 1] = text:sub(from)
    use(chunks)
  end
end

local HIGH = {
  { "encode", "base64" }, { "encode", "quoted-printable" }, { "encode", "quoted-printable", "binary" },
  { "decode", "base64" }, { "wrap" }, { "wrap", 20 }, { "wrap", "text", 10 }, { "wrap", "base64" },
  { "wrap", "quoted-printable" }, { "normalize" }, { "normalize", "\n" }, { "stuff" },
}

-- The same by mime's own filters.
local function filters(mime, random, tell)
  local pick = random.pick(HIGH)
  local text = random.text({ "?", "abc", " ", "=", ".", "\r\n", "\r\n.", "\n", "word " }, 60)
  local filter = mime[pick[1]](pick[2], pick[3])
  local out, chunks = {}, random.chunks(text)
  for _, chunk in ipairs(chunks) do out[#out + 1] = tostring(filter(chunk)) end
  for _ = 1, 2 do out[#out + 1] = tostring(filter(nil)) end
  tell(table.concat(pick, " "), table.concat(chunks, "|"), table.concat(out, "|"))
end

--- Calls `tell(what, input, results)` for `count` texts.
return function(mime, random, count, tell)
  for _ = 1, count do
    local name = random.pick(FILTERS)
    local is_short = random.below(2) == 0
    local text = random.text(PIECES[name], is_short and 7 or 60)
    local context, extra = settings(random, name)
    if not (EXCUSED[name] and EXCUSED[name](text)) then
      if #text <= 7 then
        every_split(text, function(chunks) run(mime, tell, name, chunks, context, extra) end)
      else
        run(mime, tell, name, random.chunks(text), context, extra)
      end
    end
    filters(mime, random, tell)
  end
end
