import { exportReader } from '../../files/index.js'
import { csvParts } from './archive-csv.js'
import { googleParts } from './archive-google.js'
import { jsonParts } from './archive-json.js'
import { stagesPart } from './archive-stages.js'

/**
 * The export of an account, from Google Takeout (`Takeout/Fitbit`, since 2026 `Takeout/Google Health`) or from Fitbit
 * itself (`MyFitbitData`): what is in a document is known by its name and columns, wherever it lies.
 */
export const archive = exportReader({
  plugin: 'fitbit',
  parts: [...csvParts, ...googleParts, stagesPart, ...jsonParts],
  ignored: [
    { path: /README[^/]*\.(txt|md)$|[^/]* README$/i, why: 'Descriptions of the files.' },
    {
      path: /(^|\/)User(ActivityProbabilities|SensorCompressionToken)[^/]*\.csv$/i,
      why: 'What a classifier and a sensor made of movements: no measurements.',
    },
    {
      path: /(^|\/)(gps_location|live_pace|coarse_physical_location|weather_forecast)[^/]*\.csv$/i,
      why: 'Places, and what repeats the steps of walks.',
    },
    {
      path: /(^|\/)(time_in_heart_rate_zones?|calories_in_heart_rate_zone|daily_heart_rate_zones|activity_level|swim_lengths_data|cardio_load[^/]*|micro_[^/]*)[_.-][^/]*(json|csv)$/i,
      why: 'What is computed from heart rate and movement, and repeats it.',
    },
    {
      path: /(^|\/)estimated_oxygen_variation-[^/]*\.csv$/i,
      why: 'A ratio of two colours of light: no oxygen saturation.',
    },
    {
      path: /(^|\/)((Device|Wrist|Manual) Temperature|Heart Rate Variability Histogram|Snore|Mindfulness Eda|afib|menstrual)[^/]*\.csv$/i,
      why: 'Parts that are not read: raw temperatures, histograms, noise, electrocardiograms, cycles.',
    },
    {
      path: /(^|\/)(badge|height|altitude|food_logs|water_logs)[^/]*\.json$/i,
      why: 'Parts that are not read: badges, food and drink, and heights in a unit that is not known.',
    },
    {
      path: /(^|\/)(Account Changes|Biometrics|Commerce|Discover|Email|Fitbit (Friends|Care|Premium)|Guided Programs|Heart Rate|InAppNotif|Paired Devices|Personal & Account|Social|Stress Journal|Surveys|User (Profile|Security)|Your Profile|Application|Programs|Other|Blocked Users|Notifications|Daily Readiness|Sleep|Security)[^/]*\/[^/]*\.(csv|json|html|txt|jpg|png)$/i,
      why: 'The account, its settings, devices and friends.',
    },
    {
      path: /(^|\/)Health Fitness Data_GoogleData\/[^/]*\.csv$/i,
      why: 'What the application keeps of a person: plans, conversations, settings; sleep scores without a time.',
    },
    { path: /(^|\/)archive_browser\.html$/i, why: 'The index of the download.' },
  ],
})
