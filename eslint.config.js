import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["annotate/page/vendor/"] },
  {
    files: ["annotate/page/**/*.js"],
    ...js.configs.recommended,
    languageOptions: {
      ecmaVersion: 2024,
      sourceType: "module",
      globals: { ...globals.browser, OpenSeadragon: "readonly" },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      ...js.configs.recommended.rules,
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
      "no-implicit-coercion": ["error", { boolean: false }],
      "no-shadow": ["error", { builtinGlobals: false }],
      "object-shorthand": "error",
    },
  },
];
