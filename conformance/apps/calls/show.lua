--- show(name, results...): one line for a call, whatever it gave. Tables in the order of their keys.

local function text(value)
    if type(value) == "table" then
        local items = {}
        for key, item in pairs(value) do items[#items + 1] = tostring(key) .. "=" .. text(item) end
        table.sort(items)
        return "{" .. table.concat(items, "; ") .. "}"
    elseif type(value) == "string" then
        if #value > 2000 then return "string of " .. #value .. " bytes" end
        return '"' .. value:gsub("[%c\\\"]", function(char) return ("\\%03d"):format(char:byte()) end) .. '"'
    elseif type(value) == "function" then
        return "function"
    end
    return tostring(value)
end

return function(name, ...)
    local out = {}
    for i = 1, select("#", ...) do out[i] = text((select(i, ...))) end
    -- Trailing nils say nothing.
    while out[#out] == "nil" do out[#out] = nil end
    print(name .. " -> " .. table.concat(out, ", "))
end
