import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'

export default defineConfig({
  plugins: [
    react(),
    VitePWA({
      // The worker holds the shell and nothing else: it has no rule for /api, so answers and event streams pass it by.
      strategies: 'generateSW',
      registerType: 'prompt',
      injectRegister: false,
      workbox: {
        globPatterns: ['**/*.{html,js,css,svg,png,webmanifest}'],
        navigateFallback: '/index.html',
        navigateFallbackDenylist: [/^\/api\//],
        cleanupOutdatedCaches: true,
        inlineWorkboxRuntime: true,
        sourcemap: false,
      },
      manifest: {
        name: 'AUREN',
        short_name: 'AUREN',
        description: 'What your body has been doing, in numbers that lead back to a measurement.',
        id: '/',
        start_url: '/',
        display: 'standalone',
        background_color: '#f6f5f1',
        theme_color: '#f6f5f1',
        categories: ['health', 'lifestyle'],
        icons: [
          { src: '/icon.svg', type: 'image/svg+xml', sizes: 'any' },
          { src: '/icon-192.png', type: 'image/png', sizes: '192x192' },
          { src: '/icon-512.png', type: 'image/png', sizes: '512x512' },
          { src: '/icon-maskable-512.png', type: 'image/png', sizes: '512x512', purpose: 'maskable' },
        ],
      },
    }),
  ],
  build: {
    target: 'es2022',
    // The content security policy has no place for data: scripts or styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    port: 5173,
    proxy: {
      '/api/neuros': { target: 'http://127.0.0.1:8000', rewrite: (path) => path.replace(/^\/api\/neuros/, '') },
      '/api/biometric': { target: 'http://127.0.0.1:8888', rewrite: (path) => path.replace(/^\/api\/biometric/, '') },
    },
  },
})
