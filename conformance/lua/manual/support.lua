-- Reads the manual: the sources of its reference, and the blocks of code in its pages.

return function(t)
  local s = {}
  s.top = t.dir .. "/../.."

  function s.read(path)
    local file = assert(io.open(path, "rb"))
    local text = file:read("*a")
    file:close()
    return text
  end

  --- The files that a shell pattern names, from the project's folder.
  function s.files(pattern)
    local names = {}
    for name in t.shell("cd " .. t.quote(s.top) .. " && ls " .. pattern .. " 2>/dev/null"):gmatch("[^\n]+") do
      names[#names + 1] = name
    end
    return names
  end

  -- The parts of a source: modules, tables in them and classes, each with the names of its entries. The format is
  -- described in xtask/src/docs/source.rs.
  local function parts_of(path)
    local parts, part, last, module = {}, nil, {}, nil
    local function entry(name)
      part.entries[name] = part.entries[name] and "twice" or "once"
      last[#last + 1] = name
    end
    local tags = {}
    for _, kind in ipairs { "module", "table", "class", "type", "section" } do
      tags[kind] = function(rest)
        local name = rest:match("^%S+")
        if kind == "module" then module = name end
        part = { kind = kind, name = name, module = module, entries = {}, optional = {}, path = path }
        parts[#parts + 1] = part
      end
    end
    for _, kind in ipairs { "function", "method" } do
      tags[kind] = function(rest) entry(rest:match("^[^(]+")) end
    end
    for _, kind in ipairs { "constant", "field" } do
      tags[kind] = function(rest) entry(rest:match("^%S+")) end
    end
    for _, kind in ipairs { "constants", "like" } do
      tags[kind] = function(rest)
        for name in rest:match("^%S+(.*)$"):gmatch("%S+") do entry(name) end
      end
    end
    local quiet = { param = true, ["return"] = true, error = true, raises = true, added = true, where = true }
    tags.keys = function(rest) part.keys = rest end
    tags.properties = function(rest) part.properties = rest end
    tags.gives = function(rest) part.gives = rest end
    tags.optional = function()
      for _, name in ipairs(last) do part.optional[name] = true end
    end
    local raw, tag, rest = false, nil, nil
    local function finish()
      if tag and tags[tag] then
        if tag ~= "optional" and not quiet[tag] then last = {} end
        tags[tag](rest)
      end
      tag = nil
    end
    for line in (s.read(s.top .. "/" .. path) .. "\n"):gmatch("(.-)\n") do
      if raw then
        raw = line ~= "@end"
      elseif tag and line:find("^  ") then
        rest = rest .. " " .. line
      else
        finish()
        tag, rest = line:match("^@(%S+) ?(.*)$")
        if tag == "example" or tag == "output" then raw, tag = true, nil end
      end
    end
    finish()
    return parts
  end

  --- All parts of all sources.
  function s.parts()
    local all = {}
    for _, path in ipairs(s.files("docs/reference/*.txt")) do
      for _, part in ipairs(parts_of(path)) do all[#all + 1] = part end
    end
    return all
  end

  --- The blocks of Lua in a page: the line where each begins, its mark, its code, and what it should print.
  function s.blocks(text)
    local blocks, block, output = {}, nil, nil
    local number, last = 0, nil
    for line in (text .. "\n"):gmatch("(.-)\r?\n") do
      number = number + 1
      local fence = line:match("^%s*```(.*)$")
      if fence and not block and not output then
        local word, rest = fence:match("^(%S*)%s*(.-)$")
        if word == "lua" then
          block = { line = number, mark = rest, code = {} }
        elseif word == "output" then
          output = {}
        else
          output = false
          block = {}
        end
      elseif fence and output then
        last.output = table.concat(output, "\n")
        output = nil
      elseif fence then
        if block.code then
          block.code = table.concat(block.code, "\n")
          blocks[#blocks + 1] = block
          last = block
        end
        block, output = nil, nil
      elseif output then
        output[#output + 1] = line
      elseif block and block.code then
        block.code[#block.code + 1] = line
      end
    end
    return blocks
  end

  return s
end
