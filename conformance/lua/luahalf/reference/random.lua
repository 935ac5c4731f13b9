-- Random choices that are the same for a seed in every Lua.

return function(seed)
  local state = seed * 7919 % 2147483647 + 1
  local random = {}

  --- A whole number from 0 up to, but not, `n`.
  function random.below(n)
    state = state * 16807 % 2147483647
    return state % n
  end

  function random.pick(list) return list[random.below(#list) + 1] end

  --- Up to `most` of these pieces, one after the other; "?" stands for any byte.
  function random.text(pieces, most)
    local out = {}
    for i = 1, random.below(most + 1) do
      local piece = random.pick(pieces)
      out[i] = piece == "?" and string.char(random.below(256)) or piece
    end
    return table.concat(out)
  end

  --- A text in random chunks, of which some are empty.
  function random.chunks(text)
    local out, from = {}, 1
    while from <= #text do
      local size = random.below(5) == 0 and random.below(#text + 1) or random.below(6)
      out[#out + 1] = text:sub(from, from + size - 1)
      from = from + size
    end
    return out
  end

  return random
end
