-- One line of text about a call: what was called, with what, and what came of it.

local function readable(text)
  return (tostring(text):gsub("[^\33-\126 ]", function(byte) return ("\\%03d"):format(byte:byte()) end))
end

return function(what, input, results) return readable(what) .. " <" .. readable(input) .. "> " .. readable(results) end
